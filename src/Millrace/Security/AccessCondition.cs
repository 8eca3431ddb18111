namespace Millrace.Security;

/// <summary>
/// A condition of a rule: an attribute of the resource must be equal to a claim of the user. The attribute is a JSON
/// member of a command, query or document, the <c>key</c> of a stream, or the <c>name</c> of a tenant.
/// </summary>
internal readonly record struct AccessCondition(string Attribute, string Claim)
{
    /// <summary>The attribute of a stream.</summary>
    public const string Key = "key";

    /// <summary>The attribute of a tenant.</summary>
    public const string Name = "name";
}
