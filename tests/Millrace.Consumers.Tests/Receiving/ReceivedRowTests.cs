using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests of received messages whose effect is an SQL statement. The statement is committed together with the inbox
/// entry.
/// </summary>
public sealed class ReceivedRowTests : IDisposable
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_row_is_written_once_when_its_message_is_delivered_repeatedly()
    {
        using var host = await Start();
        var store = host.Services.GetRequiredService<EventStore>();
        var message = MessageOf("ada", 3);

        await Publish(message, MessageOf("bea", 4), message);
        await Eventually.Until(() => _broker.Waiting("quay") == 0, TestNode.WaitTimeout);

        Assert.Equal(["ada 3", "bea 4"], await Rows());
        Assert.Equal(2, await store.ReadLog(EventFilter.OfTypes("ship.loaded")).CountAsync(Cancel));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_refused_row_makes_its_message_a_dead_letter_and_the_others_are_written()
    {
        using var host = await Start();
        var letters = host.Services.GetRequiredService<DeadLetters>();

        await Publish([MessageOf("none", -1), .. Enumerable.Range(1, 40).Select(i => MessageOf($"ship-{i:D2}", i))]);
        await Eventually.Get(
            async () => await letters.List(new DeadLetterQuery { Consumer = "receive.quay" }),
            static all => all.Count == 1,
            TestNode.WaitTimeout);
        await Eventually.Until(() => _broker.Waiting("quay") == 0, TestNode.WaitTimeout);

        Assert.Equal(Enumerable.Range(1, 40).Select(i => $"ship-{i:D2} {i}"), await Rows());
        await host.StopAsync(Cancel);
    }

    private static Message MessageOf(string ship, int crates) => new()
    {
        Id = Guid.CreateVersion7().ToString(),
        Type = "ship.loaded",
        Subject = $"quay-{ship}",
        Body = Encoding.UTF8.GetBytes($$"""{"ship":"{{ship}}","crates":{{crates}}}"""),
    };

    private async Task<IHost> Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
            millrace
                .UseStorage(_ => _file.Open())
                .AddModel(model => model.Event("ship.loaded", 1, HarbourJson.Default.Loaded))
                .ConfigureConsumers(TestNode.UseShortIntervals)
                .UseInMemoryTransport(
                    transport =>
                        transport.Receive(
                            "quay",
                            "ships",
                            receiver =>
                                receiver.Handle<Loaded>(
                                    static (loaded, context, _) =>
                                    {
                                        context.Effect.To(Harbour.StreamOf(loaded.Ship), ExpectedVersion.Any, loaded);
                                        context.Statement(
                                            "INSERT INTO crates (ship, count) VALUES (?, ?)",
                                            loaded.Ship,
                                            loaded.Crates);
                                        return ValueTask.CompletedTask;
                                    }
                                )
                        ),
                    _broker));
        var host = builder.Build();
        await host.StartAsync(Cancel);
        var createTable = new CommitRequest
        {
            Statements =
            [
                new SqlStatement("CREATE TABLE crates (ship TEXT PRIMARY KEY, count INTEGER CHECK (count > 0))", []),
            ],
        };
        Assert.Null(
            (await host.Services.GetRequiredService<EventStore>()
                .TryCommit(createTable, isBackground: false, Cancel)).Refusal
        );
        return host;
    }

    private async Task Publish(params IReadOnlyList<Message> messages)
    {
        await using var transport = new InMemoryTransport(_broker);
        // The destination exists only after the receiver has started.
        await Eventually.Get(
            async () => await transport.Publish([new("ships", messages[0])], Cancel),
            static outcomes => outcomes[0].IsConfirmed);
        await transport.Publish(
            [.. messages.Skip(1).Select(static message => new OutgoingMessage("ships", message))], Cancel);
    }

    private async Task<List<string>> Rows()
    {
        var rows = new List<string>();
        await using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT ship || ' ' || count FROM crates ORDER BY ship";
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel))
            rows.Add(reader.GetString(0));
        return rows;
    }
}
