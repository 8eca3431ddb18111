using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.Redis;
using Millrace.Shared.Settings;

namespace Millrace;

/// <summary>Sends an application's messages over Redis.</summary>
public static class RedisMillraceBuilderExtensions
{
    /// <summary>Sends messages over Redis: a destination is a stream, and a subscription is a group of it.</summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">The address of Redis: <c>redis://user:password@host:6379/0</c>. The configuration value
    /// <c>Millrace:Redis:Address</c> overrides it.</param>
    /// <param name="configure">Defines what is published and received.</param>
    /// <param name="options">Sets further options, which are checked when the application starts.</param>
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

    /// <summary>Lets the configuration select Redis, by the name <c>redis</c>.</summary>
    /// <param name="choices">The alternatives.</param>
    /// <param name="options">Sets the options; values in <c>Millrace:Redis</c> of the configuration, such as
    /// <c>Address</c>, override them.</param>
    public static TransportAlternatives AddRedis(
        this TransportAlternatives choices, Action<RedisOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(choices);
        return choices.Add(RedisTransport.Name, provider => Create(provider, new RedisOptions().Address, options));
    }

    /// <summary>
    /// Stores <see cref="Locks"/> in Redis instead of in the store. <see cref="RedisLocks"/> describes the guarantees.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">The address of Redis, as for <see cref="UseRedis"/>.</param>
    /// <param name="options">Sets further options, which are checked when locks are first used.</param>
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
    /// Sends messages between nodes through <see cref="RedisChannels"/>: immediately, and without guaranteed delivery.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">The address of Redis, as for <see cref="UseRedis"/>.</param>
    /// <param name="options">Sets further options, which are checked when the application starts.</param>
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
        var setting = $"{RedisSettings.Section}:{nameof(chosen.Address)}";
        var configuration = provider.GetService<MillraceConfiguration>();
        chosen.Address = TransportAddress.Of(configuration, RedisTransport.Name, setting) ?? chosen.Address;
        return new RedisTransport(chosen, provider.GetRequiredService<TimeProvider>());
    }

    private static RedisOptions Options(IServiceProvider provider, string address, Action<RedisOptions>? options)
    {
        var chosen = new RedisOptions { Address = address };
        options?.Invoke(chosen);
        RedisSettings.Apply(provider.GetService<MillraceConfiguration>(), chosen);
        return chosen;
    }
}
