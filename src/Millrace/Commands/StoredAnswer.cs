namespace Millrace.Commands;

/// <summary>The names of the members of a stored answer. They are stored, so they never change.</summary>
internal static class StoredAnswer
{
    /// <summary>The name of the member with the digest of the command.</summary>
    public const string CommandName = "command";

    /// <summary>The name of the member with the value that the command returned.</summary>
    public const string ValueName = "value";
}
