namespace Millrace.Cli;

/// <summary>A file that the tool writes and that a team checks in: written anew, or only held against what would be
/// written.</summary>
internal static class CheckedInFile
{
    /// <summary>Writes it unless it is as wanted already, or with <paramref name="mayWrite"/> false only
    /// looks.</summary>
    public static async Task<ExitCode> Write(
        ToolInvocation call, string file, string text, bool mayWrite, CancellationToken cancellationToken)
    {
        var before = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : null;
        var isSame = before?.ReplaceLineEndings("\n") == text.ReplaceLineEndings("\n");
        if (!isSame && mayWrite)
        {
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
                Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("file"u8, file);
                writer.WriteBoolean("wasUpToDate"u8, isSame);
                writer.WriteBoolean("isWritten"u8, !isSame && mayWrite);
            });
        }
        else
        {
            call.Line(
                isSame ? $"{file} is up to date."
                : mayWrite ? $"{file} is written."
                : $"{file} is not up to date.");
        }
        return isSame || mayWrite ? ExitCode.Done : ExitCode.Failed;
    }
}
