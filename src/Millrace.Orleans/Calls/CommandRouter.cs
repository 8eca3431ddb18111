using System.Security.Claims;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Orleans.Activations;

namespace Millrace.Orleans.Calls;

/// <summary>Decides which commands are sent to the activation of their stream.</summary>
internal sealed class CommandRouter : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan ForwardingTime = TimeSpan.FromSeconds(1);
    private readonly ModelCatalog _model;
    private readonly IServiceProvider _services;
    private readonly IRequestUser? _inContext;
    private readonly RoutedRequestUser _routed;
    private readonly StoreIdentities _stores;
    private readonly RoutingPause _pause;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private IGrainFactory? _activations;
    private volatile bool _isRunning;

    public CommandRouter(
        ModelCatalog model,
        IServiceProvider services,
        StoreIdentities stores,
        RoutedRequestUser routed,
        OrleansOptions options,
        TimeProvider time,
        ILogger<CommandRouter> logger)
    {
        (_model, _services, _stores, _routed) = (model, services, stores, routed);
        _inContext = services.GetKeyedService<IRequestUser>(IRequestUser.InContext);
        (_time, _timeout) = (time, options.CommandTimeout);
        _pause = new RoutingPause(time, logger);
    }

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(
            nameof(CommandRouter),
            ServiceLifecycleStage.Active,
            _ =>
            {
                _activations = _services.GetRequiredService<IGrainFactory>();
                _isRunning = true;
                return Task.CompletedTask;
            },
            _ =>
            {
                _isRunning = false;
                return Task.CompletedTask;
            });
        // When this stage stops, the activations are moved, but this node still forwards commands. Their senders wait
        // for this node, and would take them as lost when it leaves the cluster.
        lifecycle.Subscribe(
            $"{nameof(CommandRouter)}.Forwarding",
            ServiceLifecycleStage.RuntimeGrainServices,
            _ => Task.CompletedTask,
            async cancellationToken => await Task.Delay(ForwardingTime, _time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));
    }

    /// <summary>Returns the stream of a command that can be routed; null if this node handles it.</summary>
    public RouteTarget? FindTarget<TResult>(
        ICommand<TResult> command, SendOptions? options, IServiceProvider services)
    {
        if (!_isRunning || _pause.IsPaused || !SendOptionsFormat.CanWrite(options))
            return null;
        if (_model.FindCommand(command.GetType()) is not { } definition
            || definition.ResultType != typeof(TResult)
            || !_model.Json.TryGetTypeInfo(definition.CommandType, out var json)
            || !TryFindAnswerJson(typeof(TResult), out var answer))
            return null;
        var tenants = services.GetService<CurrentTenant>();
        if (tenants is { IsKnown: false } || !UserFormat.CanWrite(options?.User))
            return null;
        try
        {
            return definition.TargetOf(command) is { } stream
                ? new RouteTarget(definition, stream, tenants?.Id, json, answer)
                : null;
        }
        catch (Exception exception) when (IsOfCommand(exception))
        {
            return null; // The command is not valid. This node reports the problem.
        }
    }

    /// <summary>Returns the call that handles a command; null if this node handles it.</summary>
    public async ValueTask<RoutedCall?> TryRoute(
        RouteTarget target,
        object command,
        SendOptions? options,
        IServiceProvider services,
        CancellationToken cancellationToken)
    {
        if (await _stores.Find(services, cancellationToken).ConfigureAwait(false) is not { } store)
            return null; // Another node could not know whether it has the same store.
        var user = RequestUserOf(services);
        if (!UserFormat.CanWrite(user))
            return null;
        try
        {
            return new RoutedCall(
                _activations!.GetGrain<IAggregateGrain>(target.Key),
                CommandWriter.Write(target, store, command, options, user));
        }
        catch (Exception exception) when (IsOfCommand(exception))
        {
            return null; // The command cannot be written.
        }
    }

    /// <summary>Returns the answer of the activation.</summary>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public Task<byte[]> Call(RoutedCall call, CancellationToken cancellationToken) =>
        // The activation answers also when the call is cancelled, and the answer shows whether it was committed.
        call.Activation.Handle(call.Command, cancellationToken).WaitAsync(_timeout, _time, CancellationToken.None);

    /// <summary>Returns an id for a command, with which this or another node handles it.</summary>
    public Guid NewId() => Guid.CreateVersion7(_time.GetUtcNow());

    /// <summary>Handles all commands on this node until an activation that did not answer can be reached.</summary>
    public void Lost(IAggregateGrain activation, Exception failure) => _pause.Begin(activation, failure);

    public void Dispose() => _pause.Dispose();

    private bool TryFindAnswerJson(Type type, out JsonTypeInfo? json)
    {
        json = null;
        return type == typeof(Nothing) || _model.Json.TryGetTypeInfo(type, out json);
    }

    /// <summary>Returns the user of the request in which a command is sent; null for the system.</summary>
    private ClaimsPrincipal? RequestUserOf(IServiceProvider services) =>
        (ReferenceEquals(services, _services) ? null : services.GetService<IRequestUser>()?.Current)
        ?? _inContext?.Current
        ?? _routed.Current;

    private static bool IsOfCommand(Exception exception) =>
        exception is ArgumentException or InvalidOperationException or NotSupportedException
            or NullReferenceException or MillraceException;
}
