using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Hosting;

/// <summary>
/// Sends the commands of timers and processes. Sends each command in its own service scope, which belongs to the
/// tenant.
/// </summary>
internal sealed class ScopedCommandSender(IServiceProvider provider)
{
    public async Task Send(
        CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken)
    {
        var scope = provider.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        if (provider.GetService<CurrentTenant>() is { IsKnown: true } tenant)
            tenant.Share(scope.ServiceProvider.GetRequiredService<CurrentTenant>());
        var bus = scope.ServiceProvider.GetRequiredService<ICommandBus>();
        await definition.Send(bus, command, options, cancellationToken).ConfigureAwait(false);
    }
}
