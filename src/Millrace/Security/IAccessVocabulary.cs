namespace Millrace.Security;

/// <summary>Knows the names that rules can be about.</summary>
internal interface IAccessVocabulary
{
    /// <summary>Gets the known names by the word of the action, in ordinal order.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<string>> Names { get; }

    /// <summary>Returns the problem of a right that names something unknown, or null.</summary>
    string? FindProblem(AccessRight right);
}
