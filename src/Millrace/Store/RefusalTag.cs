namespace Millrace.Store;

/// <summary>The tag of a command or query that a rule of the application refused, so that it did not fail.</summary>
internal static class RefusalTag
{
    public const string Name = "millrace.outcome";

    public static readonly KeyValuePair<string, object?> Refused = new(Name, "refused");
}
