using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Orleans.Calls;
using Millrace.Storage;

namespace Millrace.Orleans.Activations;

/// <summary>Handles the commands that other nodes route to this node.</summary>
internal sealed partial class ActivationService(
    IServiceScopeFactory scopes,
    ModelCatalog model,
    StoreIdentities stores,
    RoutedRequestUser requestUser,
    ILogger<ActivationService> logger)
{
    private const int MaxTenants = 10_000;

    private readonly ConcurrentDictionary<TenantId, bool> _tenants = new(); // Those that existed when they were used.
    private int _hasWarned;

    /// <summary>Handles a command in its own scope, and returns the written answer or failure.</summary>
    public Task<byte[]> Handle(byte[] written, CancellationToken cancellationToken)
    {
        // The command must not run in the execution context of another request, whose user it would act for.
        using (ExecutionContext.SuppressFlow())
            return Task.Run(() => Answer(written, cancellationToken), CancellationToken.None);
    }

    private async Task<byte[]> Answer(byte[] written, CancellationToken cancellationToken)
    {
        if (CommandReader.TryRead(written, model) is not { } command)
            return AnswerWriter.Write(AnswerKind.Unknown);
        using var activity = StartActivity(command);
        using var user = requestUser.Enter(command.RequestUser);
        byte[]? answer = null;
        try
        {
            await Handle(command, written => answer = written, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The sender gets every failure.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (answer is null)
                return FailureFormat.TryWrite(failure) ?? AnswerWriter.Write(AnswerKind.Repeat);
            LogScopeFailed(failure, command.Definition.Name); // The command may be committed, so it is not repeated.
        }
        return answer ?? AnswerWriter.Write(AnswerKind.Repeat);
    }

    private async Task Handle(ReceivedCommand command, Action<byte[]> answer, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var services = scope.ServiceProvider;
        IAsyncDisposable? use = null;
        if (command.Tenant is { } tenant)
        {
            var tenants = services.GetRequiredService<Tenants>();
            if (!await Exists(tenants, tenant, cancellationToken).ConfigureAwait(false))
            {
                answer(AnswerWriter.Write(AnswerKind.Unknown)); // The sender has another store, or just removed it.
                return;
            }
            use = await tenants.Enter(tenant, services, cancellationToken).ConfigureAwait(false);
        }
        try
        {
            if (await stores.Find(services, cancellationToken).ConfigureAwait(false) != command.Store)
            {
                if (Interlocked.Exchange(ref _hasWarned, 1) == 0)
                    LogOtherStore(command.Definition.Name);
                answer(AnswerWriter.Write(AnswerKind.Unknown));
                return;
            }
            var bus = services.GetRequiredKeyedService<ICommandBus>(LocalCommandBus.Key);
            answer(await Send(bus, command, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            if (use is not null)
                await use.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Returns whether a tenant exists, which is not created for the command of another store.</summary>
    private async ValueTask<bool> Exists(Tenants tenants, TenantId tenant, CancellationToken cancellationToken)
    {
        if (_tenants.ContainsKey(tenant))
            return true;
        if (!await tenants.Exists(tenant, cancellationToken).ConfigureAwait(false))
            return false;
        if (_tenants.Count >= MaxTenants)
            _tenants.Clear();
        _tenants[tenant] = true;
        return true;
    }

    /// <summary>Handles a command, and returns the written answer or failure.</summary>
    private async Task<byte[]> Send(ICommandBus bus, ReceivedCommand command, CancellationToken cancellationToken)
    {
        CommandResult<object?> result;
        try
        {
            result = await command.Definition
                .Send(bus, command.Command, command.Options, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return AnswerWriter.Write(AnswerKind.Cancelled);
        }
#pragma warning disable CA1031 // The sender gets every failure.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return FailureFormat.TryWrite(failure) ?? AnswerWriter.Write(AnswerKind.Repeat);
        }
        return Write(command.Definition, result);
    }

    /// <summary>Writes the answer of a command that may be committed, so that its sender must not repeat it.</summary>
    private byte[] Write(CommandDefinition definition, CommandResult<object?> result)
    {
        try
        {
            return AnswerWriter.Write(
                result,
                definition.ResultType == typeof(Nothing) ? null : model.Json.GetTypeInfo(definition.ResultType));
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or ArgumentException
            or InvalidOperationException)
        {
            // Not null, because this exception can be written.
            return FailureFormat.TryWrite(new StorageException(
                $"The command '{definition.Name}' was handled, but its answer cannot be written as JSON "
                    + $"({exception.Message}). Check the effect of the command, and the answer's type.",
                StorageProblem.InDoubt))!;
        }
    }

    private static Activity? StartActivity(ReceivedCommand command) =>
        command.TraceParent is { } parent
            ? new Activity("millrace.route") { TraceStateString = command.TraceState }.SetParentId(parent).Start()
            : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The services of the scope of '{Command}' could not be disposed "
        + "after it was handled.")]
    private partial void LogScopeFailed(Exception failure, string command);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A node with another store sent '{Command}'. Nodes handle "
        + "commands for each other only in one store. Set Millrace:Orleans:Cluster to another name for each store.")]
    private partial void LogOtherStore(string command);
}
