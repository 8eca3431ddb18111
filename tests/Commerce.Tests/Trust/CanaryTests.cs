using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Commerce.Tests.Announcements;
using Commerce.Tests.Operations;
using Commerce.Tests.Payments;
using Commerce.Tests.Services;
using Millrace.Kafka;
using Millrace.RabbitMq;
using Millrace.Redis;
using Servers;

namespace Commerce.Tests.Trust;

/// <summary>
/// Tests that the personal data of a customer passes through the whole shop and remains nowhere in plain form: not in
/// files of stores, servers and brokers, nor in messages, exports, backups and logs. Mail is delivered to the customer,
/// and not searched.
/// </summary>
public sealed class CanaryTests(RunningCardPayments bank) : IClassFixture<RunningCardPayments>, IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly Canary _canary = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void The_search_finds_every_form()
    {
        foreach (var form in (byte[][])
            [
                Encoding.UTF8.GetBytes("x" + _canary.Name), Encoding.Unicode.GetBytes(_canary.City),
                Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes("a" + _canary.Email + "b"))),
                Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes("ab" + _canary.Email))),
                Encoding.UTF8.GetBytes(Uri.EscapeDataString(_canary.Street)),
                Encoding.UTF8.GetBytes(_canary.Name.Replace("+", "\\u002B", StringComparison.Ordinal)),
                Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(_canary.Remark)).ToLowerInvariant()),
                Compress(stream => new GZipStream(stream, CompressionMode.Compress)),
                Compress(stream => new ZLibStream(stream, CompressionMode.Compress)),
                Token(stream => new BrotliStream(stream, CompressionMode.Compress)),
                Token(stream => new GZipStream(stream, CompressionMode.Compress)),
                Token(stream => new DeflateStream(stream, CompressionMode.Compress)),
            ])
        {
            var file = Path.Combine(_data.Path, $"{Guid.NewGuid():N}");
            File.WriteAllBytes(file, [.. new byte[(1 << 20) - 5], .. form]);

            Assert.NotEmpty(_canary.FindInFiles(_data.Path));
            File.Delete(file);
        }
    }

    [Fact]
    public void The_search_finds_compressed_bodies()
    {
        foreach (var body in (byte[][])
            [
                Compress(stream => new BrotliStream(stream, CompressionMode.Compress)),
                Compress(stream => new DeflateStream(stream, CompressionMode.Compress)),
            ])
            Assert.NotEmpty(_canary.Find("a body", body));
    }

    [RabbitMqFact]
    public async Task On_a_file_with_RabbitMQ_no_byte_is_plain_and_an_old_key_store_revives_nothing()
    {
        await using var server = await RabbitMqServer.Start();
        await using var listener = await TopicListener.Start(
            new RabbitMqTransport(new RabbitMqOptions { Uri = server.Uri }), AnnouncedFields.Topics);
        using var shop = Shop("rabbitmq", server.Uri);
        await shop.Start();
        var customer = await Trade(shop, listener);
        AssertPlainNowhere(shop, listener, server.DataDirectory);
        await CheckToolOutputs();
        var backup = Path.Combine(_data.Path, "yesterday");
        Directory.CreateDirectory(backup);
        File.Copy(Path.Combine(_data.Path, "shop.keys.db"), Path.Combine(backup, "shop.keys.db"));

        await Erase(shop, customer);
        await shop.Stop();
        File.Copy(Path.Combine(backup, "shop.keys.db"), Path.Combine(_data.Path, "shop.keys.db"), overwrite: true);
        await shop.Start();

        using var desk = new OrderClient(() => shop.Address);
        var view = await desk.Get($"/api/customers/{customer}");
        Assert.Equal("[erased]", view["username"]!.GetValue<string>());
        AssertPlainNowhere(shop, listener, server.DataDirectory);
        await shop.Stop();
        AssertPlainNowhere(shop, listener, server.DataDirectory);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Two minutes.
    public async Task On_PostgreSQL_with_Redis_no_byte_is_plain()
    {
        await using var redis = await RedisServer.Start();
        await using var database = await PostgreSqlServer.Start();
        await using var listener = await TopicListener.Start(
            new RedisTransport(new RedisOptions { Address = redis.Address }, TimeProvider.System),
            AnnouncedFields.Topics);
        var (events, keys) = (await database.CreateDatabase(), await database.CreateDatabase());
        using var shop = Shop(
            "redis", redis.Address,
            "--postgres", $"postgres://owner@127.0.0.1:{database.Port}/{events}",
            "--keys", $"postgres://owner@127.0.0.1:{database.Port}/{keys}");
        await shop.Start();

        var customer = await Trade(shop, listener);
        await redis.Ask("SAVE");
        await database.Execute("CHECKPOINT");
        AssertPlainNowhere(shop, listener, redis.DataDirectory, database.DataDirectory);
        await Erase(shop, customer);
        await database.Execute("CHECKPOINT");

        AssertPlainNowhere(shop, listener, redis.DataDirectory, database.DataDirectory);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // The others show it for two brokers.
    public async Task On_a_file_with_Kafkas_protocol_no_byte_is_plain()
    {
        using var server = new KafkaServer();
        await using var listener = await TopicListener.Start(
            new KafkaTransport(new KafkaOptions { Servers = server.Address, CreatesTopics = false }),
            AnnouncedFields.Topics);
        using var shop = Shop("kafka", server.Address);
        await shop.Start();

        await Trade(shop, listener);

        AssertPlainNowhere(shop, listener);
    }

    private byte[] Token(Func<Stream, Stream> open) =>
        Encoding.ASCII.GetBytes($" GET /why?goOn={Base64Url.EncodeToString(Compress(open))} ");

    private byte[] Compress(Func<Stream, Stream> open)
    {
        var output = new MemoryStream();
        using (var stream = open(output))
            stream.Write(Encoding.UTF8.GetBytes($$"""{"name":"{{_canary.Name}}","city":"{{_canary.City}}"}"""));
        return output.ToArray();
    }

    /// <summary>Returns the shop with its logs on the most detailed level.</summary>
    private ServiceProgram Shop(string broker, string address, params string[] arguments) =>
        new([
            "--data", _data.Path, "--port", "0", "--no-simulation", "--payments", $"{bank.Address}", .. arguments,
        ])
        {
            Variables = new Dictionary<string, string>
            {
                ["Millrace__Messaging__Transport"] = broker,
                [$"Millrace__Messaging__{broker}__Address"] = address,
                ["Logging__LogLevel__Default"] = "Debug",
                ["Logging__LogLevel__Millrace"] = "Trace",
            },
        };

    /// <summary>
    /// Lets a customer change the e-mail address, order, receive a parcel and a mail, and order to a country that the
    /// carrier does not know, which makes a dead letter.
    /// </summary>
    private async Task<string> Trade(ServiceProgram shop, TopicListener listener)
    {
        using var desk = new OrderClient(() => shop.Address);
        var product = await desk.Product(quantity: 10);
        var registered = await desk.Post("/api/customers", new { username = _canary.Name, email = _canary.Email });
        var customer = registered["customerId"]!.GetValue<string>();
        await desk.Put($"/api/customers/{customer}/email", new { email = _canary.NewEmail });
        var order = await Order(desk, customer, product, "Ireland");
        await desk.Post($"/api/orders/{order}/checkout", new { card = "visa-4242" });
        await desk.Becomes(order, "shipped");
        await desk.Post($"/api/orders/{order}/deliver", new { });
        await Order(desk, customer, product, "Atlantis");
        var cancelled = await Order(desk, customer, product, "Ireland");
        await desk.Post($"/api/orders/{cancelled}/cancel", new { reason = _canary.Remark });
        var undone = await Order(desk, customer, product, "Ireland");
        await desk.Post($"/api/orders/{undone}/checkout", new { card = "visa-3220" }); // Slow.
        await desk.Post($"/api/orders/{undone}/cancel", new { reason = _canary.Remark, cancelledBy = _canary.Name });
        await desk.Becomes(undone, "cancelled");
        await TradeOfNeighbour(desk, product);
        await Eventually.Get(
            () => desk.Get("/millrace/dead-letters?state=parked"), found => found is JsonArray { Count: > 0 });
        var shown = await Eventually.Get(
            () => desk.Get($"/api/customers/{customer}"),
            found => found["email"]?.GetValue<string>() == _canary.NewEmail);
        Assert.Equal(_canary.Name, shown["username"]!.GetValue<string>());
        await listener.WaitForMessages(heard => heard.Any(one => one.Message.Type == "order.delivered")
            && heard.Any(one => one.Message.Type == "user.created"));
        Assert.Contains( // The customer receives the mail, so the data did pass through the shop.
            Directory.GetFiles(Path.Combine(_data.Path, "mail")),
            file => File.ReadAllText(file).Contains(_canary.NewEmail, StringComparison.Ordinal));
        return customer;
    }

    /// <summary>
    /// Lets another customer order to the same countries. The country of an order is plain, and would otherwise show a
    /// remaining value of the erased customer.
    /// </summary>
    private static async Task TradeOfNeighbour(OrderClient desk, string product)
    {
        var registered = await desk.Post(
            "/api/customers", new { username = "neighbour", email = "neighbour@example.org" });
        var customer = registered["customerId"]!.GetValue<string>();
        foreach (var country in new[] { "Ireland", "Atlantis" })
        {
            var address = new { street = "4 Sluice Row", city = "Cork", state = "Cork", postalCode = "T12", country };
            await desk.Post(
                "/api/orders", new { customer, address, items = new[] { new { product, quantity = 1 } } });
        }
    }

    private async Task<string> Order(OrderClient desk, string customer, string product, string country)
    {
        var created = await desk.Post("/api/orders", _canary.OrderOf(customer, product, country));
        return created["orderId"]!.GetValue<string>();
    }

    private static async Task Erase(ServiceProgram shop, string customer)
    {
        using var desk = new OrderClient(() => shop.Address);
        var erased = await desk.Post($"/api/customers/{customer}/erasure", new { reason = "asked by letter" });
        var certificate = erased["certificate"]!;
        Assert.True(certificate["result"]!.GetValue<string>() == "complete", certificate.ToJsonString());
    }

    private async Task CheckToolOutputs()
    {
        var (code, exported, error) = await OperatorTool.Run(_data.Path, "export");
        Assert.True(code == 0, error);
        Assert.Contains("customer.registered", exported, StringComparison.Ordinal);
        Assert.Empty(_canary.Find("the export", Encoding.UTF8.GetBytes(exported + error)));
        var copy = Path.Combine(_data.Path, "backup.db");
        var (backupCode, _, backupError) = await OperatorTool.Run(_data.Path, "backup", copy);
        Assert.True(backupCode == 0, backupError);
        Assert.Empty(_canary.FindInFiles(_data.Path, "mail"));
    }

    private void AssertPlainNowhere(ServiceProgram shop, TopicListener listener, params string[] directories)
    {
        Assert.Empty(_canary.FindInFiles(_data.Path, "mail"));
        Assert.All(directories, directory => Assert.Empty(_canary.FindInFiles(directory)));
        Assert.NotEmpty(shop.ErrorOutput);
        Assert.Empty(_canary.Find("the log", Encoding.UTF8.GetBytes(shop.ErrorOutput)));
        Assert.All(listener.Heard, one => Assert.Empty(_canary.Find(one.Message.Type, one.Message.Body)));
    }
}
