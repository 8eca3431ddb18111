using Microsoft.Extensions.Configuration;
using Millrace.Shared.Settings;

namespace Millrace.Pkcs11;

/// <summary>
/// Reads options from the configuration section <c>Millrace:Pkcs11</c>, after the application's own code.
/// </summary>
internal static class Pkcs11Settings
{
    public const string Section = "Millrace:Pkcs11";

    public static void Apply(IConfiguration configuration, Pkcs11Options options)
    {
        var settings = new Settings(configuration.GetSection(Section));
        settings.Read(nameof(options.ModulePath), options.ModulePath, value => options.ModulePath = value);
        settings.Read(nameof(options.TokenLabel), options.TokenLabel, value => options.TokenLabel = value);
        settings.Read(nameof(options.SlotId), options.SlotId, value => options.SlotId = value);
        settings.Read(nameof(options.KeyLabel), options.KeyLabel, value => options.KeyLabel = value);
        settings.Read(nameof(options.Pin), options.Pin, value => options.Pin = value);
        settings.Read(nameof(options.CallTimeout), options.CallTimeout, value => options.CallTimeout = value);
        settings.RefuseOthers();
        settings.Finish(typeof(Pkcs11Options));
    }
}
