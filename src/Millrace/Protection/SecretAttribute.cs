namespace Millrace;

/// <summary>
/// Marks a member that contains a secret, such as an access token. With keys, Millrace stores the value encrypted with
/// a key of the tenant.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class SecretAttribute : Attribute;
