using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Hosting;
using Millrace.Protection;

namespace Millrace;

/// <summary>Adds the keys with which marked values are encrypted.</summary>
public static class MillraceKeyExtensions
{
    /// <summary>
    /// Encrypts the values of members that are marked with <see cref="PersonalDataAttribute"/> or
    /// <see cref="SecretAttribute"/>. Adapters call this method, such as in <c>UseSqliteKeys</c>. The last call
    /// applies.
    /// </summary>
    /// <param name="millrace">The application.</param>
    /// <param name="create">Creates the key store when the application starts. The application disposes it.</param>
    /// <param name="configure">Sets the master key or the passphrase.</param>
    /// <exception cref="ArgumentException">The options have no master key, or are out of range.</exception>
    public static MillraceBuilder UseKeys(
        this MillraceBuilder millrace, Func<IServiceProvider, IKeyStore> create, Action<KeyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new KeyOptions();
        configure(options);
        var masterKeys = options.MasterKeys();
        var cacheTime = options.CheckedCacheTime();
        millrace.Services.RemoveAll<KeyRing>();
        millrace.Services.AddSingleton(provider => new KeyRing(
            AuditRegistration.Audited(provider, create(provider)),
            masterKeys,
            cacheTime,
            provider.GetRequiredService<TimeProvider>()));
        millrace.Services.TryAddSingleton(provider => new DataKeys(provider.GetRequiredService<KeyRing>()));
        return millrace;
    }

    /// <summary>
    /// Encrypts marked values with keys in memory, for tests and experiments. When the application ends, the keys are
    /// lost, and with them all encrypted values.
    /// </summary>
    /// <param name="millrace">The application.</param>
    public static MillraceBuilder UseInMemoryKeys(this MillraceBuilder millrace) =>
        millrace.UseKeys(_ => new InMemoryKeyStore(), options => options.MasterKey = new InMemoryMasterKey());

    /// <summary>Returns whether the model has marked members and no keys were added.</summary>
    internal static bool NeedsKeys(this MillraceBuilder millrace) =>
        millrace.Model.HasProtectedMembers
        && !millrace.Services.Any(service => service.ServiceType == typeof(KeyRing));
}
