namespace Millrace.Storage;

/// <summary>Defines when the documents of a read model expire. <see cref="ExpiresAttribute"/> declares it.</summary>
/// <param name="Field">The name of the field with the time, in camel case. Documents without a value never
/// expire.</param>
public sealed record DocumentExpiry(string Field)
{
    /// <summary>Gets the duration between the time in the field and the expiry; zero by default.</summary>
    public TimeSpan After { get; init; }
}
