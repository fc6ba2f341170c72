; The installer for Windows, for one person, without administrator's rights. Compiled by `makensis` with
;   -DVERSION=1.2.0 -DNUMBERS=1.2.0.0 -DPUBLISHER=name -DBUNDLE=folder -DICON=app.ico -DOUT=file.exe
; It compiles on Linux; NOT RUN YET: it has to be tried on Windows 10 and 11 (x64).
Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "WordFunc.nsh"

!define NAME "CoRT Desktop"
!define ID "CoRT Desktop"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"
!define FILETYPE "CoRTDesktop.Conversation"

Name "${NAME}"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\CoRT Desktop"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
SetCompressor /SOLID lzma
ManifestDPIAware true
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "MIT licence"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\cort-desktopw.exe"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${BUNDLE}\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
    ReadRegStr $0 HKCU "${UNINSTALL}" "DisplayVersion"
    StrCmp $0 "" done
    ${VersionCompare} "$0" "${VERSION}" $1
    StrCmp $1 "1" 0 done   ; 1: what is installed is newer
    MessageBox MB_YESNO|MB_ICONEXCLAMATION \
        "${NAME} $0 is installed, which is newer than ${VERSION}. An older program may not be able to read what the newer one wrote. Install ${VERSION} all the same?" \
        /SD IDNO IDYES done
    SetErrorLevel 2
    Abort
done:
FunctionEnd

; Windows keeps the files of a program that runs: its own would be half replaced. The program's name is pushed.
!macro DemandItIsClosed UN
Function ${UN}DemandItIsClosed
    Pop $1
again:
    IfFileExists "$INSTDIR\$1" 0 closed
    ClearErrors
    FileOpen $0 "$INSTDIR\$1" a
    IfErrors 0 free
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "${NAME} is open ($1). Close it, then choose Retry." /SD IDCANCEL IDRETRY again
    SetErrorLevel 3
    Abort
free:
    FileClose $0
closed:
FunctionEnd
!macroend
!insertmacro DemandItIsClosed ""
!insertmacro DemandItIsClosed "un."

Section "Program"
    Push "cort-desktopw.exe"
    Call DemandItIsClosed
    Push "cort-desktop.exe"   ; in somebody's terminal
    Call DemandItIsClosed
    ; What an older version had and this one hasn't must not stay behind and be loaded.
    RMDir /r "$INSTDIR\_internal"
    RMDir /r "$INSTDIR\licences"
    SetOutPath "$INSTDIR"
    File /r "${BUNDLE}\*"   ; Windows' makensis finds no folder before a plain slash
    WriteUninstaller "$INSTDIR\uninstall.exe"

    CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\cort-desktopw.exe" "" "$INSTDIR\cort-desktopw.exe"

    WriteRegStr HKCU "Software\Classes\.cort" "" "${FILETYPE}"
    WriteRegStr HKCU "Software\Classes\${FILETYPE}" "" "CoRT Desktop conversation"
    WriteRegStr HKCU "Software\Classes\${FILETYPE}\DefaultIcon" "" "$INSTDIR\cort-desktopw.exe,0"
    WriteRegStr HKCU "Software\Classes\${FILETYPE}\shell\open\command" "" '"$INSTDIR\cort-desktopw.exe" gui "%1"'

    WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
    WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\cort-desktopw.exe"
    WriteRegStr HKCU "${UNINSTALL}" "Publisher" "${PUBLISHER}"
    WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
    WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
    WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
    WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
    WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
    ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
    WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section "Uninstall"
    Push "cort-desktopw.exe"
    Call un.DemandItIsClosed
    Push "cort-desktop.exe"
    Call un.DemandItIsClosed
    RMDir /r "$INSTDIR\_internal"
    RMDir /r "$INSTDIR\licences"
    Delete "$INSTDIR\cort-desktop.exe"
    Delete "$INSTDIR\cort-desktopw.exe"
    Delete "$INSTDIR\LICENSE"
    Delete "$INSTDIR\THIRD_PARTY_NOTICES.md"
    Delete "$INSTDIR\uninstall.exe"
    RMDir "$INSTDIR"   ; only when nothing else is in it
    Delete "$SMPROGRAMS\${NAME}.lnk"
    DeleteRegKey HKCU "Software\Classes\${FILETYPE}"
    ReadRegStr $0 HKCU "Software\Classes\.cort" ""
    StrCmp $0 "${FILETYPE}" 0 kept
    DeleteRegKey HKCU "Software\Classes\.cort"
kept:
    DeleteRegKey HKCU "${UNINSTALL}"
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'

    ; A quiet removal never deletes anybody's conversations.
    MessageBox MB_YESNO|MB_DEFBUTTON2|MB_ICONQUESTION \
        "Delete your conversations, settings and models too? This can't be undone.$\r$\n$\r$\n$LOCALAPPDATA\cort-desktop" \
        /SD IDNO IDNO leave
    RMDir /r "$LOCALAPPDATA\cort-desktop"
leave:
SectionEnd
