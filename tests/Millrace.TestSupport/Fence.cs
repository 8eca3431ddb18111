namespace Millrace.TestSupport;

/// <summary>A fenced code block of a Markdown page.</summary>
/// <param name="Page">The page.</param>
/// <param name="Line">The number of the first line.</param>
/// <param name="Info">The text after the opening fence, with the language and sometimes a file name.</param>
/// <param name="Text">The content of the block.</param>
internal sealed record Fence(string Page, int Line, string Info, string Text)
{
    public string Language => Info.Split(' ')[0];

    /// <summary>Returns the blocks of a page that start with <c>```language</c>.</summary>
    public static IEnumerable<Fence> Of(string path)
    {
        var lines = File.ReadAllLines(RepositoryRoot.PathOf(path));
        for (var start = 0; start < lines.Length; start++)
        {
            if (!lines[start].StartsWith("```", StringComparison.Ordinal))
            {
                continue;
            }

            var end = Array.FindIndex(lines, start + 1, line => line == "```");
            Assert.True(end > start, $"{path}:{start + 1}: the block that starts here is not closed.");
            yield return new(path, start + 2, lines[start][3..].Trim(), string.Join('\n', lines[(start + 1)..end]));
            start = end;
        }
    }
}
