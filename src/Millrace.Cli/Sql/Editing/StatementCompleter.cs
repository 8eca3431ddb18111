namespace Millrace.Cli.Sql.Editing;

/// <summary>
/// Completes commands of the session, names of views, columns of the views that the statement names, keywords and
/// functions. The columns of a view are read once.
/// </summary>
/// <param name="sql">The service.</param>
/// <param name="columnsTimeout">The maximum time to find the columns of a view; without an answer it has none.</param>
internal sealed class StatementCompleter(StoreSqlService sql, TimeSpan columnsTimeout)
{
    private const int MaxViews = 5;

    private static readonly string[] Keywords =
    [
        "ALL", "AND", "ANTI JOIN", "AS", "ASC", "ASOF JOIN", "BETWEEN", "BY", "CASE", "CAST", "CROSS JOIN", "DESC",
        "DESCRIBE", "DISTINCT", "ELSE", "END", "EXCEPT", "EXCLUDE", "EXISTS", "EXPLAIN", "FALSE", "FILTER", "FIRST",
        "FROM", "FULL JOIN", "GROUP BY", "HAVING", "ILIKE", "IN", "INNER JOIN", "INTERSECT", "INTERVAL", "IS", "JOIN",
        "LAST", "LEFT JOIN", "LIKE", "LIMIT", "NOT", "NULL", "NULLS", "OFFSET", "ON", "OR", "ORDER BY", "OVER",
        "PARTITION BY", "PIVOT", "QUALIFY", "RECURSIVE", "REPLACE", "RIGHT JOIN", "SELECT", "SEMI JOIN", "SHOW TABLES",
        "SUMMARIZE", "THEN", "TRUE", "UNION", "UNPIVOT", "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH",
    ];

    private static readonly string[] BeforeViews = ["FROM", "JOIN", "DESCRIBE", "SUMMARIZE", ".SCHEMA"];

    private readonly Dictionary<string, IReadOnlyList<string>> _columns = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the completions of the word at the end of a text.</summary>
    public async ValueTask<WordCompletion> Complete(string before, CancellationToken cancellationToken)
    {
        var isCommand = SqlShell.IsCommand(before);
        if (!isCommand && StatementScanner.Scan(before).End != StatementEnd.Code)
            return WordCompletion.None;
        var word = before[WordStart(before)..];
        var rest = before[..^word.Length];
        var previous = rest.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
        var isAfterSpace = rest.Length > 0 && char.IsWhiteSpace(rest[^1]);
        if (isCommand && rest.TrimStart() == ".")
            return new(word.Length + 1, StartingWith(rest.TrimStart() + word, SqlShell.Commands));
        if (isCommand && previous == ".format")
            return new(word.Length, StartingWith(word, SqlShell.Formats));
        if (isAfterSpace && BeforeViews.Contains(previous.ToUpperInvariant(), StringComparer.Ordinal))
            return new(word.Length, StartingWith(word, await Views(cancellationToken)));
        if (isCommand || (word.Length == 0 && !rest.EndsWith('.')))
            return new(word.Length, []);
        var views = await Views(cancellationToken);
        var columns = await ColumnsOf(before, views, cancellationToken);
        return new(
            word.Length,
            rest.EndsWith('.')
                ? StartingWith(word, columns)
                : StartingWith(word, columns.Concat(views).Concat(StoreSqlService.Functions).Concat(CasedAs(word))));
    }

    private static int WordStart(string text)
    {
        var start = text.Length;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
            start--;
        return start;
    }

    /// <summary>Returns the keywords, in lower case if the user types them so.</summary>
    private static IEnumerable<string> CasedAs(string word) =>
        word.Any(char.IsLower) ? Keywords.Select(static keyword => keyword.ToLowerInvariant()) : Keywords;

    private static string[] StartingWith(string word, IEnumerable<string> names) =>
    [
        .. names.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];

    private async ValueTask<string[]> Views(CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await sql.ListViews(cancellationToken)).Select(static view => view.Name)];
        }
        catch (MillraceException)
        {
            return []; // The statement reports the problem.
        }
    }

    /// <summary>Returns the columns of the views that a text names, and of all events if it names none.</summary>
    private async ValueTask<string[]> ColumnsOf(string text, string[] views, CancellationToken cancellationToken)
    {
        var words = text.Split(
            [' ', '\n', '\t', ',', '(', ')', ';', '.', '"'], StringSplitOptions.RemoveEmptyEntries);
        var named = views.Where(view => words.Contains(view, StringComparer.OrdinalIgnoreCase)).Take(MaxViews);
        var columns = new List<string>();
        foreach (var view in named.DefaultIfEmpty("events"))
            columns.AddRange(await ColumnsOf(view, cancellationToken));
        return [.. columns];
    }

    private async ValueTask<IReadOnlyList<string>> ColumnsOf(string view, CancellationToken cancellationToken)
    {
        if (_columns.TryGetValue(view, out var known))
            return known;
        try
        {
            var answer = await sql.Run(
                new SqlRequest($"DESCRIBE \"{view}\"") { TimeLimit = columnsTimeout }, cancellationToken);
            known = [.. answer.Rows.Select(static row => Named(row[0] ?? ""))];
        }
        catch (MillraceException)
        {
            known = []; // Too many rows to find the columns, or the statement reports the problem.
        }
        return _columns[view] = known;
    }

    /// <summary>Returns a name as a statement writes it.</summary>
    private static string Named(string column) =>
        column.Length > 0 && !char.IsAsciiDigit(column[0])
        && column.All(static unit => char.IsAsciiLetterOrDigit(unit) || unit == '_')
            ? column
            : $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
