using Commerce.Chaos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Commerce.Tests.Chaos;

/// <summary>The log of the listener: what it noted, by broker and stream of the shop, in order.</summary>
internal static class ChaosHearsay
{
    /// <summary>A line for each stream that something was heard about, with the ids of the messages.</summary>
    public static async Task<IReadOnlyList<string>> Read(string connectionString, string broker)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(connectionString).AddModel<Gazette>()
            .ConfigureConsumers(all => all.IsEnabled = false));
        using var host = builder.Build();
        await host.StartAsync();
        var heard = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var prefix = Listener.NotesOf(broker, null).Value;
        var store = host.Services.GetRequiredService<EventStore>();
        await foreach (var recorded in store.ReadLog(new EventFilter { StreamPrefix = prefix }))
        {
            var about = recorded.Stream.Value[prefix.Length..];
            if (!heard.TryGetValue(about, out var messages))
                heard[about] = messages = [];
            messages.Add(((OrderNoted)recorded.Data).Message);
        }
        await host.StopAsync();
        return Lines(heard);
    }

    /// <summary>What was said in the same form.</summary>
    public static IReadOnlyList<string> Lines(Dictionary<string, List<string>> messages) =>
        [.. messages.Select(about => $"{about.Key}: {string.Join(' ', about.Value)}").Order(StringComparer.Ordinal)];
}
