using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.Redis;

namespace Millrace;

/// <summary>Sends an application's messages over Redis.</summary>
public static class RedisMillraceBuilderExtensions
{
    /// <summary>Sends messages over Redis: a destination is a stream, a subscription a group of it.</summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">Where Redis is: <c>redis://user:password@host:6379/0</c>. What the configuration says in
    /// <c>Millrace:Redis:Address</c> comes after and wins.</param>
    /// <param name="configure">Says what goes over it.</param>
    /// <param name="options">Sets how; the options are checked when the application starts.</param>
    public static MillraceBuilder UseRedis(
        this MillraceBuilder millrace,
        string address,
        Action<TransportBuilder>? configure = null,
        Action<RedisOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        return millrace.UseTransport(RedisTransport.Name, provider => Create(provider, address, options), configure);
    }

    /// <summary>Lets the configuration choose Redis, by the name <c>redis</c>.</summary>
    /// <param name="choices">What can be chosen.</param>
    /// <param name="options">Sets how; what the configuration says in <c>Millrace:Redis</c>, such as <c>Address</c>,
    /// wins.</param>
    public static TransportAlternatives AddRedis(
        this TransportAlternatives choices, Action<RedisOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(choices);
        return choices.Add(RedisTransport.Name, provider => Create(provider, new RedisOptions().Address, options));
    }

    /// <summary>Keeps <see cref="Locks"/> in Redis instead of in the store; what that promises,
    /// <see cref="RedisLocks"/> says.</summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">Where Redis is, as for <see cref="UseRedis"/>.</param>
    /// <param name="options">Sets how; the options are checked when locks are first used.</param>
    public static MillraceBuilder UseRedisLocks(
        this MillraceBuilder millrace, string address, Action<RedisOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        millrace.Services.RemoveAll<ILockProvider>();
        millrace.Services.AddSingleton<ILockProvider>(provider => new RedisLocks(
            Options(provider, address, options), provider.GetRequiredService<TimeProvider>()));
        return millrace;
    }

    /// <summary>
    /// Tells nodes of each other what happens, through <see cref="RedisChannels"/>: at once, and without a promise that
    /// it arrives.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">Where Redis is, as for <see cref="UseRedis"/>.</param>
    /// <param name="options">Sets how; the options are checked when the application starts.</param>
    public static MillraceBuilder UseRedisChannels(
        this MillraceBuilder millrace, string address, Action<RedisOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        millrace.Services.RemoveAll<RedisChannels>();
        millrace.Services.AddSingleton(provider => new RedisChannels(
            Options(provider, address, options),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<RedisChannels>>()));
        return millrace;
    }

    private static RedisTransport Create(IServiceProvider provider, string address, Action<RedisOptions>? options)
    {
        var chosen = Options(provider, address, options);
        var own = $"{RedisSettings.Section}:{nameof(chosen.Address)}";
        chosen.Address =
            TransportAddress.Of(provider.GetService<IConfiguration>(), RedisTransport.Name, own) ?? chosen.Address;
        return new RedisTransport(chosen, provider.GetRequiredService<TimeProvider>());
    }

    private static RedisOptions Options(IServiceProvider provider, string address, Action<RedisOptions>? options)
    {
        var chosen = new RedisOptions { Address = address };
        options?.Invoke(chosen);
        RedisSettings.Apply(provider.GetService<IConfiguration>(), chosen);
        return chosen;
    }
}
