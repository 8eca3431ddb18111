namespace Commerce.Simulation;

/// <summary>Sends the requests of simulated people, each in its own service scope, like an HTTP request.</summary>
public sealed class SimulatedRequestSender(IServiceScopeFactory scopes)
{
    public async Task Send<TResult>(ICommand<TResult> command, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ICommandBus>().Send(command, cancellationToken);
    }
}
