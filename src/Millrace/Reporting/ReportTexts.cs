using System.Globalization;

namespace Millrace.Reporting;

/// <summary>Formats the values of reports as texts.</summary>
internal static class ReportTexts
{
    /// <summary>Returns the name of a kind in JSON and in the audit trail.</summary>
    public static string NameOf(ReportKind kind) => kind switch
    {
        ReportKind.Gdpr => "gdpr",
        ReportKind.Sox => "sox",
        ReportKind.Retention => "retention",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such report."),
    };

    public static string Of(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string? Of(DateTimeOffset? time) => time is { } value ? Of(value) : null;

    public static string Of(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string? Of(DateOnly? date) => date is { } value ? Of(value) : null;

    public static string Of(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string? Of(long? number) => number is { } value ? Of(value) : null;

    public static string Of(IReadOnlyList<string> texts) => string.Join(", ", texts);

    public static string Of(bool flag) => flag ? "yes" : "no";

    /// <summary>Returns a number with a noun: <c>1 request</c>, <c>2 requests</c>.</summary>
    public static string Count(long number, string noun) => $"{Of(number)} {noun}{(number == 1 ? "" : "s")}";
}
