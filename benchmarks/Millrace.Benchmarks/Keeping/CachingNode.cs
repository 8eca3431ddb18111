using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Benchmarks.Keeping;

/// <summary>The answer to a query.</summary>
public sealed record Number(int Value);

/// <summary>A query whose handler reads nothing.</summary>
public sealed record GetNumber(int Value) : IQuery<Number>;

/// <summary>A node that caches the answers to <see cref="GetNumber"/>.</summary>
internal sealed class CachingNode : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IQueryBus _bus;

    private CachingNode(IHost host) => (_host, _bus) = (host, host.Services.GetRequiredService<IQueryBus>());

    public static async Task<CachingNode> Start(IStorage storage, string? redis)
    {
        var token = default(ConsistencyToken);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => storage)
            .AddModel(model => model
                .Json(NumberJson.Default)
                .Query(new QueryDefinition<GetNumber, Number>("get-number", (query, context, _) =>
                {
                    context.RecordPosition(token);
                    return ValueTask.FromResult(new Number(query.Value));
                })))
            .AddQueryCache(
                cache => cache.Cache<GetNumber>(query => query.Tag(get => $"number:{get.Value}")),
                options => options.Redis = redis));
        var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var data = NewEvent.FromBytes("number.used", "{}"u8.ToArray());
        token = (await store.Append(new StreamId("number-1"), ExpectedVersion.Any, [data])).Token;
        var node = new CachingNode(host);
        while ((await node._bus.Ask(new GetNumber(-1))).Source == AnswerSource.Handler)
            await Task.Yield(); // Until the node has seen the event, it caches nothing.
        return node;
    }

    /// <summary>Asks for all numbers, and checks where the answers come from.</summary>
    public async Task AskAll(int count, AnswerSource source = AnswerSource.Handler)
    {
        for (var i = 0; i < count; i++)
        {
            var answer = await _bus.Ask(new GetNumber(i));
            if (answer.Source != source)
                throw new InvalidOperationException($"The answer came from {answer.Source}, not from {source}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

[JsonSerializable(typeof(Number))]
[JsonSerializable(typeof(GetNumber))]
internal sealed partial class NumberJson : JsonSerializerContext;
