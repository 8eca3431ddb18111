namespace Millrace;

/// <summary>An error in the configuration of an application.</summary>
/// <param name="Key">The key of the setting; null for an error of the code, such as a missing storage.</param>
/// <param name="Value">The wrong value; null if the configuration does not contain one. Secrets are masked.</param>
/// <param name="Source">
/// The source of the value: <c>code</c>, a file, an environment variable or the command line.
/// </param>
/// <param name="Message">What is wrong, and what is allowed.</param>
public sealed record ConfigurationProblem(string? Key, string? Value, string Source, string Message)
{
    /// <summary>Gets the message with the key of the setting, if there is one.</summary>
    internal string Text => Key is null ? Message : $"{Key}: {Message}";
}
