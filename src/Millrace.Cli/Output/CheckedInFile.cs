namespace Millrace.Cli.Output;

/// <summary>
/// Writes a generated file that a team checks in, or only compares the file with the generated content.
/// </summary>
internal static class CheckedInFile
{
    /// <summary>
    /// Writes the file unless it is up to date, or only compares when <paramref name="mayWrite"/> is false.
    /// </summary>
    public static async Task<ExitCode> Write(
        ToolInvocation call, string file, string text, bool mayWrite, CancellationToken cancellationToken)
    {
        var existing = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : null;
        var isUpToDate = existing?.ReplaceLineEndings("\n") == text.ReplaceLineEndings("\n");
        if (!isUpToDate && mayWrite)
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
                writer.WriteBoolean("wasUpToDate"u8, isUpToDate);
                writer.WriteBoolean("isWritten"u8, !isUpToDate && mayWrite);
            });
        }
        else
        {
            call.Line(
                isUpToDate ? $"{file} is up to date."
                : mayWrite ? $"{file} was written."
                : $"{file} is not up to date.");
        }
        return isUpToDate || mayWrite ? ExitCode.Done : ExitCode.Failed;
    }
}
