namespace Commerce.Access;

/// <summary>Specifies whether users can sign in with a role and no password.</summary>
/// <param name="IsAllowed">False to refuse such users, also those with a cookie from before.</param>
public sealed record DemoSignIn(bool IsAllowed);
