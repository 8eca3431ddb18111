namespace Millrace;

/// <summary>The organization that is responsible for the processing of personal data (GDPR, article 30).</summary>
/// <param name="Name">The name.</param>
/// <param name="Contact">The address for questions.</param>
public sealed record DataController(string Name, string Contact)
{
    /// <summary>Gets the representative of the controller in the Union; null if there is none.</summary>
    public string? Representative { get; init; }

    /// <summary>Gets the data protection officer; null if there is none.</summary>
    public string? DataProtectionOfficer { get; init; }
}
