using System.Globalization;
using System.Text.RegularExpressions;
using Millrace.PostgreSql.Documents;

namespace Millrace.PostgreSql.Planning;

/// <summary>
/// Prepares the conditions of a plan for output. PostgreSQL plans with the values of the parameters and shows them, but
/// an explanation contains no data: it may show a value of a stored document, which its reader did not enter.
/// </summary>
/// <param name="collection">The collection whose columns get the names of their fields; null for the log.</param>
internal sealed partial class PlanConditions(Collection? collection)
{
    private const string Type = @"(?:::(?:double precision|timestamp with time zone|\w+)(?:\[\])?)?";
    private const string Text = "'[^']*(?:''[^']*)*'"; // A quote inside a text is doubled.
    private const string Number = @"(?<![\w$.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?";

    /// <summary>Returns a condition with a question mark instead of each value.</summary>
    public static string WithoutValues(string condition) => Value().Replace(condition, "?");

    /// <summary>Returns a condition without values, with the names of fields instead of columns.</summary>
    public string Describe(string condition)
    {
        var text = WithoutValues(condition);
        return collection is null ? text : Column().Replace(text, NameOf);
    }

    private string NameOf(Match column)
    {
        var fields = collection!.Definition.Fields; // The caller has checked it.
        return int.TryParse(column.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var field)
            && field < fields.Count
                ? fields[field].Name
                : column.Value;
    }

    [GeneratedRegex($"(?:{Text}|{Number}){Type}", RegexOptions.CultureInvariant)]
    private static partial Regex Value();

    [GeneratedRegex(@"(?:\bdoc_\d+(?:_\d+)?\.)?\bf(\d+)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Column();
}
