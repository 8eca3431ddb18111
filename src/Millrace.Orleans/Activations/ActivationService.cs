using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Orleans.Calls;

namespace Millrace.Orleans.Activations;

/// <summary>Handles the commands that other nodes route to this node.</summary>
internal sealed class ActivationService(IServiceScopeFactory scopes, ModelCatalog model)
{
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
        try
        {
            var result = await Handle(command, cancellationToken).ConfigureAwait(false);
            return AnswerWriter.Write(result, model.Json.GetTypeInfo(command.Definition.ResultType));
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
    }

    private async Task<CommandResult<object?>> Handle(ReceivedCommand command, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var services = scope.ServiceProvider;
        var use = command.Tenant is { } tenant
            ? await services.GetRequiredService<Tenants>().Enter(tenant, services, cancellationToken)
                .ConfigureAwait(false)
            : null;
        try
        {
            var bus = services.GetRequiredKeyedService<ICommandBus>(LocalCommandBus.Key);
            return await command.Definition
                .Send(bus, command.Command, command.Options, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            if (use is not null)
                await use.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Activity? StartActivity(ReceivedCommand command) =>
        command.TraceParent is { } parent
            ? new Activity("millrace.route") { TraceStateString = command.TraceState }.SetParentId(parent).Start()
            : null;
}
