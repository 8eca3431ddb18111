using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Millrace.Hosting.Configuration;

internal sealed class SettingsGroup<T>(IServiceProvider provider) : ISettingsGroup
    where T : class, new()
{
    Type ISettingsGroup.Options => typeof(T);

    public void ReadDefaults()
    {
        var options = new T();
        foreach (var configure in provider.GetServices<IPostConfigureOptions<T>>())
            configure.PostConfigure(Options.DefaultName, options);
    }
}
