using System.Security.Claims;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Orleans.Activations;

namespace Millrace.Orleans.Calls;

/// <summary>Decides which commands are sent to the activation of their stream.</summary>
internal sealed class CommandRouter : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly ModelCatalog _model;
    private readonly IServiceProvider _services;
    private readonly IRequestUser? _userInContext;
    private readonly bool _hasAccessControl;
    private readonly RoutingPause _pause;
    private IGrainFactory? _activations;
    private volatile bool _isRunning;

    public CommandRouter(
        ModelCatalog model,
        IServiceProvider services,
        IServiceProviderIsService registered,
        TimeProvider time,
        ILogger<CommandRouter> logger)
    {
        _model = model;
        _services = services;
        _userInContext = services.GetKeyedService<IRequestUser>(IRequestUser.InContext);
        _hasAccessControl = registered.IsService(typeof(AccessControl));
        _pause = new RoutingPause(time, logger);
    }

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
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

    /// <summary>Returns the call that handles a command; null if this node handles it.</summary>
    public RoutedCall? TryRoute<TResult>(
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
        if (tenants is { IsKnown: false } || !TryFindUser(options, services, out var user))
            return null;
        try
        {
            if (definition.TargetOf(command) is not { } stream)
                return null;
            var tenant = tenants?.Id;
            var key = tenant is { } known ? $"{known.Value}/{stream.Value}" : stream.Value;
            return new RoutedCall(
                _activations!.GetGrain<IAggregateGrain>(key),
                CommandWriter.Write(definition.Name, command, json, options, user, tenant),
                answer);
        }
        catch (Exception exception)
            when (exception is ArgumentException or InvalidOperationException or NotSupportedException
                or NullReferenceException or MillraceException)
        {
            return null; // The command is not valid or cannot be written. This node reports the problem.
        }
    }

    /// <summary>Handles all commands on this node until an activation that did not answer can be reached.</summary>
    public void Lost(IAggregateGrain activation, Exception failure) => _pause.Begin(activation, failure);

    public void Dispose() => _pause.Dispose();

    private bool TryFindAnswerJson(Type type, out JsonTypeInfo? json)
    {
        json = null;
        return type == typeof(Nothing) || _model.Json.TryGetTypeInfo(type, out json);
    }

    /// <summary>
    /// Returns the user on whose behalf the command is sent; null for the system. Returns false if only this node can
    /// know the user: without access control, the user of a request is visible to authorizers but not recorded, and a
    /// user in the options would be recorded.
    /// </summary>
    private bool TryFindUser(SendOptions? options, IServiceProvider services, out ClaimsPrincipal? user)
    {
        user = options?.User;
        if (user is not null)
            return true;
        user = (ReferenceEquals(services, _services) ? null : services.GetService<IRequestUser>()?.Current)
            ?? _userInContext?.Current;
        return user is null || _hasAccessControl;
    }
}
