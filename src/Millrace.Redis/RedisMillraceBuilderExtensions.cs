using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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
        return millrace.UseTransport(RedisTransport.Name, Create, configure);

        RedisTransport Create(IServiceProvider provider)
        {
            var chosen = new RedisOptions { Address = address };
            options?.Invoke(chosen);
            RedisSettings.Apply(provider.GetService<IConfiguration>(), chosen);
            return new RedisTransport(chosen, provider.GetRequiredService<TimeProvider>());
        }
    }
}
