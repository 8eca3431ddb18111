using System.Text;
using Commerce.Tests.Services;
using Commerce.Trust;

namespace Commerce.Tests.Trust;

/// <summary>Tests that names, e-mail addresses and postal addresses are stored only encrypted.</summary>
public sealed class PersonalDataTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task No_file_contains_the_data_of_a_customer_and_every_answer_does()
    {
        string[] values = ["Zuleika-Quill-77", "zuleika77@example.org", "77 Quill Street", "Quillborough", "QU77 41"];
        var answers = new StringBuilder();
        await using (var shop = ShopApplication.Create(Options, port: 0))
        {
            await shop.StartAsync();
            using var client = new OrderClient(() => new Uri(shop.Urls.First()));
            var registered = await client.Post("/api/customers", new { username = values[0], email = values[1] });
            var customer = registered["customerId"]!.GetValue<string>();
            var address = new
            {
                street = values[2],
                city = values[3],
                state = "Lancashire",
                postalCode = values[4],
                country = "Ireland",
            };
            var created = await client.Post("/api/orders", new { customer, address });
            var order = created["orderId"]!.GetValue<string>();
            foreach (var path in (string[])[$"customers/{customer}", $"orders/{order}", $"orders/{order}/parcel"])
                answers.Append(await Eventually.Get(
                    () => client.Get($"/api/{path}"),
                    found => found.ToJsonString().Contains(values[0], StringComparison.Ordinal)));
            await shop.StopAsync();
        }

        Assert.Contains(values[0], answers.ToString(), StringComparison.Ordinal);
        Assert.Contains(values[1], answers.ToString(), StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(_data.Path, "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.All(values, value => Assert.True(
                bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(value)) < 0, $"{file} contains {value}"));
        }
    }

    [Fact]
    public void Secrets_are_created_once_and_only_for_their_owner()
    {
        var folder = Path.Combine(_data.Path, "secrets");

        var first = new ShopSecrets(folder);
        var second = new ShopSecrets(folder);

        Assert.Equal(first.Passphrase, second.Passphrase);
        Assert.All(
            Directory.GetFiles(folder),
            file => Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Programs_that_start_together_use_the_same_secrets()
    {
        var folder = Path.Combine(_data.Path, "secrets");

        var passphrases = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => new ShopSecrets(folder).Passphrase)));

        Assert.Single(passphrases.Distinct());
        Assert.Equal(
            ["certificate-key.pem", "passphrase", "seal-key.pem", "seal-public.pem"],
            Directory.GetFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_its_passphrase_a_shop_does_not_start()
    {
        await using (var shop = ShopApplication.Create(Options, port: 0))
        {
            await shop.StartAsync();
            using var client = new OrderClient(() => new Uri(shop.Urls.First()));
            await client.Post("/api/customers", new { username = "Ada", email = "ada@example.org" });
            await shop.StopAsync();
        }
        await File.WriteAllTextAsync(Path.Combine(_data.Path, "secrets", "passphrase"), "another passphrase");

        await using var other = ShopApplication.Create(Options, port: 0);

        await Assert.ThrowsAsync<KeyStoreException>(() => other.StartAsync());
    }

    private ShopOptions Options => new() { Data = _data.Path, Simulates = false };
}
