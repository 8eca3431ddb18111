using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Access;

/// <summary>Handles a request of an endpoint only with a permission, and only as long as the user has it.</summary>
internal sealed class EndpointGuard(RequestDelegate handle, AccessPermission permission, bool whileRunning)
{
    public async Task Handle(HttpContext http)
    {
        try
        {
            await EndpointAccess.Demand(http, permission).ConfigureAwait(false);
        }
        catch (Exception exception) when (HttpProblem.CanAnswer(http, exception, out var problem))
        {
            await ProblemWriter.Write(http, problem, exception).ConfigureAwait(false);
            return;
        }
        if (whileRunning && EndpointAccess.IsOn(http.RequestServices))
            await HandleWhileAllowed(http).ConfigureAwait(false);
        else
            await handle(http).ConfigureAwait(false);
    }

    private async Task HandleWhileAllowed(HttpContext http)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var watching = AbortWhenDenied(http, ended.Token);
        try
        {
            await handle(http).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    private async Task AbortWhenDenied(HttpContext http, CancellationToken cancellationToken)
    {
        try
        {
            await http.RequestServices
                .GetRequiredService<AccessControl>()
                .WaitUntilDenied(http.User, permission, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return; // The request has ended.
        }
#pragma warning disable CA1031 // Without the watch, the push must end. The client can connect again.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Most often, the rules cannot be read. A new connection checks the permission.
        }
        http.Abort();
    }
}
