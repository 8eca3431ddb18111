using System.Text.Json;
using System.Text.RegularExpressions;

namespace Millrace.Sql;

/// <summary>A statement that only reads, as the engine's own parser found.</summary>
internal sealed partial class ParsedStatement
{
    /// <summary>The maximum length of a statement.</summary>
    public const int MaxCharacters = 32_768;

    private const int MaxDepth = 10_000;

    private const string OnlyReads =
        "Only one statement that reads is allowed: SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.";

    private readonly string _query;
    private readonly StatementReferences _references;

    private ParsedStatement(string text, string query, JsonElement tree, bool isExplained, bool isAnalyzed)
    {
        (Text, _query, IsExplained) = (text, query, isExplained);
        IsList = StatementReferences.IsListOfTables(tree);
        _references = StatementReferences.Of(tree);
        if (!IsList && _references.Refused is { } refused)
            throw At(query, IndexOfByte(query, refused.Location), refused.Message);
        Parts = StatementParts.Of(tree);
        Reads = LoadedPart.Of(tree, _references.Tables.Count, isExplained && !isAnalyzed) with
        {
            IsBrief = ContentColumns.AreUnused(tree),
        };
        if (IsList)
            Text = $"SELECT * FROM {ViewCatalog.Views} ORDER BY name";
    }

    /// <summary>Gets the text of the statement, which can be put in parentheses unless it is explained.</summary>
    public string Text { get; }

    /// <summary>Gets whether the text starts with EXPLAIN.</summary>
    public bool IsExplained { get; }

    /// <summary>Gets the members and the columns of the answer, without the views.</summary>
    public SqlStatementParts Parts { get; }

    /// <summary>Gets the part of the views that the statement reads.</summary>
    public LoadedPart Reads { get; }

    /// <summary>Gets whether the statement names views that depend on the data of the store.</summary>
    public bool NeedsCatalog =>
        IsList || _references.Tables.Any(static table => !ViewCatalog.IsFixed(table.Name));

    private bool IsList { get; }

    /// <exception cref="SqlException">The statement is not valid, or does not only read.</exception>
    public static ParsedStatement Parse(SqlSession session, string text)
    {
        if (text.Length > MaxCharacters)
            throw new SqlException($"The statement is longer than {MaxCharacters:N0} characters.");
        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var index)
            throw At(text, index, "The statement contains the character U+0000.");
        var explain = Explain().Match(text);
        var query = explain.Success ? Blank(text, explain.Length) : text;
        using var tree = ParseTree(session, query);
        var statements = tree.RootElement.GetProperty("statements");
        if (statements.GetArrayLength() != 1)
            throw new SqlException(
                statements.GetArrayLength() == 0 ? "The statement is empty." : OnlyReads);
        if (!explain.Success)
            return new(Enclosable(session, query), query, statements[0], isExplained: false, isAnalyzed: false);
        // What runs is the keywords and the part that was parsed. Comments before them end where the engine decides.
        var keywords = explain.Groups["keywords"];
        var explained = Blank(text, keywords.Index)[..keywords.Index] + keywords.Value + query[explain.Length..];
        var isAnalyzed = keywords.Value.EndsWith("E", StringComparison.OrdinalIgnoreCase);
        return new(explained, query, statements[0], isExplained: true, isAnalyzed);
    }

    /// <summary>Returns the views that the statement reads.</summary>
    /// <exception cref="SqlException">A name is not a view.</exception>
    public IReadOnlyList<SqlView> Resolve(ViewCatalog catalog)
    {
        if (IsList)
            return [catalog.Find(ViewCatalog.Views)!]; // Every catalog has it.
        var views = new Dictionary<string, SqlView>(StringComparer.Ordinal);
        foreach (var (name, location) in _references.Tables)
        {
            if (catalog.Find(name) is not { } view)
                throw At(_query, IndexOfByte(_query, location), catalog.Unknown(name));
            views[view.Name] = view;
        }
        return [.. views.Values];
    }

    /// <summary>Returns an error at a place in a text.</summary>
    public static SqlException At(string text, int index, string message)
    {
        var before = text.AsSpan(0, Math.Clamp(index, 0, text.Length));
        var lineStart = before.LastIndexOf('\n') + 1;
        return new SqlException(message, before.Count('\n') + 1, before.Length - lineStart + 1);
    }

    private static JsonDocument ParseTree(SqlSession session, string query)
    {
        var json = session.Scalar(SerializationOf(query))!; // Never NULL for a text.
        var tree = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        var root = tree.RootElement;
        if (!root.GetProperty("error").GetBoolean())
            return tree;
        using (tree)
        {
            if (root.GetProperty("error_type").GetString() != "parser")
                throw new SqlException(OnlyReads);
            var message = root.GetProperty("error_message").GetString()!; // Every error has a message.
            throw root.TryGetProperty("position", out var position)
                && int.TryParse(position.GetString(), out var index)
                ? At(query, IndexOfByte(query, index), message)
                : new SqlException(message);
        }
    }

    /// <summary>
    /// Returns the statement so that it can be put in parentheses: without the semicolon at the end. If a comment
    /// follows the semicolon, the engine writes the statement anew.
    /// </summary>
    private static string Enclosable(SqlSession session, string query)
    {
        var text = query.TrimEnd().TrimEnd(';');
        using var tree = JsonDocument.Parse(
            session.Scalar(SerializationOf($"SELECT * FROM (\n{text}\n)"))!, // Never NULL for a text.
            new JsonDocumentOptions { MaxDepth = MaxDepth });
        return tree.RootElement.GetProperty("error").GetBoolean()
            ? session.Scalar($"SELECT json_deserialize_sql(json_serialize_sql({SqlNames.Literal(query)}))")!
            : text;
    }

    private static string SerializationOf(string query) =>
        $"SELECT json_serialize_sql({SqlNames.Literal(query)}, skip_null := true, skip_default := true)";

    /// <summary>Returns the text with spaces instead of its start, so that places remain.</summary>
    private static string Blank(string text, int length) =>
        string.Concat(text[..length].Select(static unit => unit == '\n' ? '\n' : ' ')) + text[length..];

    /// <summary>Returns the index of a character from its place in UTF-8.</summary>
    private static int IndexOfByte(string text, int place)
    {
        var bytes = 0;
        var index = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (bytes >= place)
                break;
            bytes += rune.Utf8SequenceLength;
            index += rune.Utf16SequenceLength;
        }
        return index;
    }

    [GeneratedRegex(
        @"\A(?:\s|--[^\r\n]*[\r\n]|/\*.*?\*/)*(?<keywords>EXPLAIN(?:[ \t\r\n]+ANALYZE)?)(?=[ \t\r\n(])",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Explain();
}
