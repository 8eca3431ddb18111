using Microsoft.Extensions.Configuration;
using Millrace.Pkcs11;

namespace Millrace;

/// <summary>Extension methods that use a master key in a PKCS#11 token.</summary>
public static class Pkcs11KeyExtensions
{
    /// <summary>
    /// Wraps data keys with a key in a PKCS#11 token, such as a hardware security module. The key never leaves the
    /// token.
    /// </summary>
    /// <param name="keys">The options of <c>UseSqliteKeys</c> or <c>UsePostgreSqlKeys</c>.</param>
    /// <param name="configuration">The configuration of the application, whose section <c>Millrace:Pkcs11</c> overrides
    /// the code; null for none.</param>
    /// <param name="configure">Sets the options; null if the configuration contains all of them.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static KeyOptions UsePkcs11(
        this KeyOptions keys, IConfiguration? configuration, Action<Pkcs11Options>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var options = new Pkcs11Options();
        configure?.Invoke(options);
        if (configuration is not null)
            Pkcs11Settings.Apply(configuration, options);
        keys.MasterKey = new Pkcs11MasterKey(options);
        return keys;
    }
}
