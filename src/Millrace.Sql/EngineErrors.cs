using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace Millrace.Sql;

/// <summary>Converts errors of the engine, whose texts contain the place, to errors of a statement.</summary>
/// <param name="statement">The statement of the user.</param>
/// <param name="linesBefore">The number of lines that the engine got before the statement.</param>
/// <param name="options">The limits.</param>
internal sealed partial class EngineErrors(string statement, int linesBefore, SqlOptions options)
{
    /// <summary>The message of a query of the service for a value that is too long.</summary>
    public const string LongValue = "millrace: the value is too long";

    private const string Ellipsis = "...";

    public Exception Convert(DuckDBException error)
    {
        if (error.Message.Contains("Out of Memory Error", StringComparison.Ordinal))
            return new SqlLimitException(
                SqlLimit.Memory,
                $"The statement needs more than {options.MaxMemoryBytes:N0} bytes of memory with "
                    + $"{options.MaxTemporaryBytes:N0} bytes of temporary files. Read less: name the view of an event "
                    + "type instead of 'events', or compare its position, stream, type or time with constants.",
                error);
        if (error.Message.Contains(LongValue, StringComparison.Ordinal))
            return new SqlLimitException(
                SqlLimit.Memory,
                $"A value of the answer is longer than {StatementRun.MaxCharacters(options):N0} bytes. Select a part "
                    + "of it, as with left(value, 1000).",
                error);
        var place = Place().Match(error.Message);
        var message = (place.Success ? error.Message[..place.Index] : error.Message).Trim();
        message = LineBreaks().Replace(message, " ");
        if (!place.Success || !int.TryParse(place.Groups["line"].ValueSpan, out var line) || line <= linesBefore)
            return new SqlException(message, innerException: error);
        line -= linesBefore;
        return new SqlException(message, line, ColumnOf(place, line), error);
    }

    /// <summary>Returns the column, from 1. The engine shows only a part of a long line.</summary>
    private int ColumnOf(Match place, int line)
    {
        var excerpt = place.Groups["text"].Value;
        var caret = place.Groups["caret"].Length - place.Groups["mark"].Length;
        if (excerpt.StartsWith(Ellipsis, StringComparison.Ordinal))
        {
            var lines = statement.Split('\n');
            var part = excerpt[Ellipsis.Length..];
            if (part.EndsWith(Ellipsis, StringComparison.Ordinal))
                part = part[..^Ellipsis.Length];
            var start = line <= lines.Length ? lines[line - 1].IndexOf(part, StringComparison.Ordinal) : -1;
            caret += start < 0 ? 0 : start - Ellipsis.Length;
        }
        return Math.Max(1, caret + 1);
    }

    [GeneratedRegex(@"\s*\n(?<mark>LINE (?<line>\d+): )(?<text>[^\n]*)\n(?<caret> *)\^")]
    private static partial Regex Place();

    [GeneratedRegex(@"\s*\n\s*")]
    private static partial Regex LineBreaks();
}
