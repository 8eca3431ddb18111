using Millrace.Cli.Output;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>
/// Records the work of an operator on a key store in the audit trail of the store that the call specifies. The key
/// store itself has no audit trail.
/// </summary>
internal sealed class KeysAudit : IAsyncDisposable
{
    private static readonly StreamId Trail = new("$audit");
    private readonly OpenStore? _open;

    private KeysAudit(OpenStore? open) => _open = open;

    /// <summary>
    /// Opens the specified store before the work, so that work whose entry cannot be recorded does not start. Without
    /// <c>--store</c> or its variable, or if the store has no audit trail, nothing is recorded.
    /// </summary>
    public static async Task<KeysAudit> Open(ToolInvocation call, CancellationToken cancellationToken)
    {
        if (StoreLocator.FindSpecified(call) is null)
        {
            if (call.IsInteractive && !call.IsJson)
                call.Errors.WriteLine(
                    TerminalText.Of("Not recorded in an audit trail: specify the store with --store."));
            return new KeysAudit(null);
        }
        var open = await OpenStore.Existing(call, cancellationToken);
        if (await open.Store.GetStream(Trail, cancellationToken) is not null)
            return new KeysAudit(open);
        await open.DisposeAsync();
        return new KeysAudit(null);
    }

    /// <summary>Does the work, and records it, also if it fails.</summary>
    /// <returns>The result of the work.</returns>
    public async Task<T> Run<T>(string action, string resource, Func<T, string> reason, Func<Task<T>> work)
    {
        T result;
        try
        {
            result = await work();
        }
        catch (Exception failure)
        {
            await Record(new AuditEntry(action, resource, AuditResult.Failed) { Reason = failure.GetType().Name });
            throw;
        }
        await Record(new AuditEntry(action, resource, AuditResult.Succeeded) { Reason = reason(result) });
        return result;
    }

    public ValueTask DisposeAsync() => _open?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task Record(AuditEntry entry)
    {
        if (_open is not null) // The work is done, so that the entry is recorded even if the call is cancelled.
            await AuditTrails.Of(_open.Store)
                .Record(entry with { User = Environment.UserName }, CancellationToken.None);
    }
}
