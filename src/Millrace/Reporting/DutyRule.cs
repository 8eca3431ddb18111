namespace Millrace.Reporting;

/// <summary>Two rights that no user may have together.</summary>
/// <param name="First">The text of the first right.</param>
/// <param name="Second">The text of the second right.</param>
internal sealed record DutyRule(string First, string Second)
{
    public string? Reason { get; init; }

    public override string ToString() => $"{First} / {Second}";
}
