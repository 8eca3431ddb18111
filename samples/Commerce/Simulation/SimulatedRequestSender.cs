namespace Commerce.Simulation;

/// <summary>Sends what simulated people want, each with services of its own, as a request over HTTP has.</summary>
public sealed class SimulatedRequestSender(IServiceScopeFactory scopes)
{
    public async Task Send<TResult>(ICommand<TResult> command, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ICommandBus>().Send(command, cancellationToken);
    }
}
