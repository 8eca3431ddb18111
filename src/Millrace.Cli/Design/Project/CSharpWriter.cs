using System.Text;

namespace Millrace.Cli.Design.Project;

/// <summary>Writes C# with indentation.</summary>
internal sealed class CSharpWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _allowsEmptyLine;

    public CSharpWriter Line(string line)
    {
        _text.Append(' ', _depth * 4).Append(line).Append('\n');
        _allowsEmptyLine = true;
        return this;
    }

    /// <summary>Writes an empty line, except at the start of a block.</summary>
    public CSharpWriter EmptyLine()
    {
        if (_allowsEmptyLine)
            _text.Append('\n');
        _allowsEmptyLine = false;
        return this;
    }

    public CSharpWriter Open(string header)
    {
        Line(header).Line("{");
        _depth++;
        _allowsEmptyLine = false;
        return this;
    }

    public CSharpWriter Close(string after = "")
    {
        _depth--;
        return Line("}" + after);
    }

    public CSharpWriter Summary(string? text) => text is null ? this : Line($"/// <summary>{Escape(text)}</summary>");

    /// <summary>Returns a C# string literal.</summary>
    public static string Literal(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    public override string ToString() => _text.ToString();

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
