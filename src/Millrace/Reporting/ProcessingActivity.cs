namespace Millrace;

/// <summary>A processing activity: an entry in the records of processing (GDPR, article 30).</summary>
/// <param name="Name">The name, such as <c>Orders</c>.</param>
/// <param name="Purpose">The purpose.</param>
/// <param name="LegalBasis">The legal basis, such as <c>contract (art. 6(1)(b))</c>.</param>
public sealed record ProcessingActivity(string Name, string Purpose, string LegalBasis)
{
    /// <summary>Gets the categories of data subjects, such as <c>customers</c>.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Gets the categories of personal data, such as <c>addresses</c>.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Gets the categories of recipients, such as <c>carriers</c>.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Gets the transfers to third countries, with their safeguards; empty if there are none.</summary>
    public IReadOnlyList<string> Transfers { get; init; } = [];

    /// <summary>Gets the time limit for the erasure; null if it is not set.</summary>
    public string? Retention { get; init; }

    /// <summary>Gets the technical and organizational security measures.</summary>
    public IReadOnlyList<string> Measures { get; init; } = [];
}
