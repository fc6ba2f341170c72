# Signs programs with the certificate in WINDOWS_CERTIFICATE (base64 of a .pfx) and its password.
# NOT RUN YET: it needs Windows with the SDK's signtool.
$ErrorActionPreference = "Stop"
$certificate = Join-Path ([System.IO.Path]::GetTempPath()) "signing.pfx"
[System.IO.File]::WriteAllBytes($certificate, [System.Convert]::FromBase64String($env:WINDOWS_CERTIFICATE))
try {
    $tool = Get-ChildItem "${env:ProgramFiles(x86)}\Windows Kits\10\bin\*\x64\signtool.exe" |
        Sort-Object FullName | Select-Object -Last 1
    & $tool.FullName sign /fd SHA256 /td SHA256 /tr http://timestamp.digicert.com `
        /f $certificate /p $env:WINDOWS_CERTIFICATE_PASSWORD $args
    if ($LASTEXITCODE -ne 0) { throw "signtool ended with $LASTEXITCODE" }
}
finally {
    Remove-Item $certificate
}
