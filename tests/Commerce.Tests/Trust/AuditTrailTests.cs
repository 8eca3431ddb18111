using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Commerce.Tests.Operations;
using Microsoft.Data.Sqlite;

namespace Commerce.Tests.Trust;

/// <summary>Tests that auditors see who did what in the shop, with proofs, and that the seals show a change.</summary>
public sealed class AuditTrailTests(RunningShop shop) : IClassFixture<RunningShop>, IDisposable
{
    private static readonly TimeSpan SealTimeout = TimeSpan.FromMinutes(1);

    private readonly HttpClient _auditor = new() { BaseAddress = shop.Http.BaseAddress };
    private readonly TemporaryDirectory _data = new();

    public void Dispose()
    {
        _auditor.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task An_auditor_finds_a_command_with_its_user_and_without_its_values()
    {
        var username = $"nora-{Guid.NewGuid():N}"[..20];
        var created = await RunningShop.Json(
            await shop.Post("/api/customers", new { username, email = $"{username}@example.com" }));
        var stream = $"customer-{created["customerId"]}";

        // Another entry, about the customer's new key, can follow at any time.
        var entry = Assert.Single(await Entries($"resource={stream}&action=command.register-customer"));

        Assert.Equal(stream, entry!["resource"]!.GetValue<string>());
        Assert.Equal("succeeded", entry["result"]!.GetValue<string>());
        Assert.StartsWith("demo-manager", entry["user"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", entry["address"]!.GetValue<string>());
        Assert.DoesNotContain(username, entry.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_and_a_denied_command_are_recorded()
    {
        var order = await shop.GivenOrder(await shop.GivenProduct());
        await shop.Post($"/api/orders/{order}/deliver");
        using var visitor = new HttpClient { BaseAddress = shop.Http.BaseAddress };
        await visitor.PostAsJsonAsync("/api/products", new { name = "Cup", price = 3 });

        var failed = await Entries("result=failed&action=command.deliver-order");
        var denied = await Entries("result=denied&action=command.create-product");

        Assert.Equal("WrongStateException", failed[0]!["reason"]!.GetValue<string>());
        Assert.Contains("send create-product", denied[0]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("customer")]
    [InlineData("clerk")]
    [InlineData("manager")]
    [InlineData("operator")]
    public async Task Other_roles_see_neither_entries_nor_proofs(string role)
    {
        if (role == "customer")
            await shop.GivenCustomer();
        using var http = new HttpClient { BaseAddress = shop.Http.BaseAddress };
        await Eventually.Get( // The read model of customers must contain one.
            () => http.PostAsJsonAsync("/api/session", new { roles = new[] { role } }),
            answer => answer.IsSuccessStatusCode);

        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/millrace/audit")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/api/audit/1/proof")).StatusCode);
    }

    [Fact]
    public async Task The_proof_of_an_entry_leads_to_a_sealed_root()
    {
        await shop.GivenCustomer();
        var entry = (await Entries("action=command.register-customer"))[0]!;
        var position = entry["position"]!.GetValue<long>();

        var proof = await RunningShop.Json(await Eventually.Get(
            () => _auditor.GetAsync($"/api/audit/{position}/proof"),
            answer => answer.IsSuccessStatusCode,
            SealTimeout));

        var leaf = Convert.FromBase64String(proof["leaf"]!.GetValue<string>());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([0, .. leaf])), proof["leafHash"]!.GetValue<string>());
        Assert.Contains("command.register-customer", Encoding.UTF8.GetString(leaf), StringComparison.Ordinal);
        Assert.Equal(proof["root"]!.GetValue<string>(), RootOf(proof));
        var signed = proof["signedText"]!.GetValue<string>();
        Assert.Contains($"root {proof["root"]}", signed, StringComparison.Ordinal);
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(proof["publicKey"]!.GetValue<string>()), out _);
        Assert.True(key.VerifyData(
            Encoding.ASCII.GetBytes(signed),
            Convert.FromBase64String(proof["signature"]!.GetValue<string>()),
            HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence));
    }

    [Fact]
    public async Task The_tool_verifies_the_store_and_detects_a_forged_entry()
    {
        await using (var own = ShopApplication.Create(new ShopOptions { Data = _data.Path, Simulates = false }, 0))
        {
            await own.StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri(own.Urls.First()) };
            await Staff.SignIn(http, http.BaseAddress);
            await RunningShop.Json(
                await http.PostAsJsonAsync("/api/customers", new { username = "nora", email = "nora@example.com" }));
            var page = await RunningShop.Json(await http.GetAsync("/millrace/audit?action=command.register-customer"));
            var position = page["entries"]![0]!["position"]!.GetValue<long>();
            await Eventually.Get(
                () => http.GetAsync($"/api/audit/{position}/proof"), answer => answer.IsSuccessStatusCode, SealTimeout);
            await own.StopAsync();
        }
        string[] verify = ["audit", "verify", "--key", Path.Combine(_data.Path, "secrets", "seal-public.pem")];

        var (code, output, error) = await OperatorTool.Run(_data.Path, verify);
        await Forge();
        var (changedCode, changed, _) = await OperatorTool.Run(_data.Path, verify);

        Assert.True(code == 0, output + error);
        Assert.True(changedCode == 5, changed);
    }

    /// <summary>Changes the user of an entry, with full access to the database.</summary>
    private async Task Forge()
    {
        await using var database = new SqliteConnection(
            $"Data Source={Path.Combine(_data.Path, "shop.db")};Pooling=False");
        await database.OpenAsync();
        await using var change = database.CreateCommand();
        change.CommandText = """
            UPDATE events SET payload = CAST(replace(CAST(payload AS TEXT), 'demo-manager', 'demo-auditor') AS BLOB)
            WHERE position = (SELECT min(position) FROM events WHERE CAST(payload AS TEXT) LIKE '%demo-manager%')
            """;
        Assert.Equal(1, await change.ExecuteNonQueryAsync());
    }

    private async Task<JsonArray> Entries(string query)
    {
        await Staff.SignIn(_auditor, shop.Http.BaseAddress!, "auditor");
        var page = await RunningShop.Json(await _auditor.GetAsync($"/millrace/audit?{query}"));
        return page["entries"]!.AsArray();
    }

    /// <summary>Computes the root from the path of a proof, as RFC 6962 describes.</summary>
    private static string RootOf(JsonNode proof)
    {
        var (index, last) = (proof["index"]!.GetValue<long>(), proof["size"]!.GetValue<long>() - 1);
        var digest = Convert.FromHexString(proof["leafHash"]!.GetValue<string>());
        foreach (var hash in proof["path"]!.AsArray())
        {
            var sibling = Convert.FromHexString(hash!.GetValue<string>());
            if (index % 2 == 1 || index == last)
            {
                digest = SHA256.HashData([1, .. sibling, .. digest]);
                while (index % 2 == 0 && index != 0)
                    (index, last) = (index / 2, last / 2);
            }
            else
            {
                digest = SHA256.HashData([1, .. digest, .. sibling]);
            }
            (index, last) = (index / 2, last / 2);
        }
        return Convert.ToHexStringLower(digest);
    }
}
