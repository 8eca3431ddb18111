using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Millrace.Hosting.Configuration;

/// <param name="provider">The services of the application.</param>
/// <param name="isReloadable">Returns whether a change of a setting takes effect.</param>
/// <param name="prepare">Returns the action that applies new options.</param>
internal sealed class ReloadableSettings<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
    IServiceProvider provider, Func<string, bool> isReloadable, Func<T, Action> prepare) : IReloadableSettings
    where T : class
{
    public bool Contains(string key) => isReloadable(key);

    public Action Prepare() =>
        prepare(provider.GetRequiredService<IOptionsFactory<T>>().Create(Options.DefaultName));
}
