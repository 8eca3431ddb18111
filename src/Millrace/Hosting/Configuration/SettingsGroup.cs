using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Millrace.Hosting.Configuration;

internal sealed class SettingsGroup<T>(IServiceProvider provider) : ISettingsGroup
    where T : class, new()
{
    Type ISettingsGroup.Options => typeof(T);

    public void Validate() =>
        provider.GetRequiredService<IOptionsFactory<T>>().Create(Microsoft.Extensions.Options.Options.DefaultName);

    public void ReadDefaults()
    {
        var options = new T();
        foreach (var configure in provider.GetServices<IPostConfigureOptions<T>>())
            configure.PostConfigure(Microsoft.Extensions.Options.Options.DefaultName, options);
    }
}
