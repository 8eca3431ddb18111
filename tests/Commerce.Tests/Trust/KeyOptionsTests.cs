using Commerce.Tests.Retail;
using Commerce.Trust;

namespace Commerce.Tests.Trust;

/// <summary>Tests the options about the keys of customers.</summary>
public sealed class KeyOptionsTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("postgres://shop:secret@db.example/keys?password=secret", "db.example/keys")]
    [InlineData("Host=db.example;Username=shop;Password=secret;Database=keys", "db.example/keys")]
    public void The_place_of_the_keys_has_no_password(string keys, string place) =>
        Assert.Equal(place, TrustSetup.PlaceOfKeys(new ShopOptions { Keys = keys }));

    [Fact]
    public async Task An_invalid_address_is_one_sentence()
    {
        using var shop = ShopProcess.Start(
            "--data", _data.Path, "--no-simulation", "--port", "0", "--keys", "nonsense secret");

        var (code, _, error) = await shop.End();

        Assert.Equal(1, code);
        Assert.StartsWith("--keys needs the address", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_passphrase_is_one_sentence()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_data.Path, "secrets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "passphrase"), "short");
        using var shop = ShopProcess.Start("--data", _data.Path, "--no-simulation", "--port", "0");

        var (code, _, error) = await shop.End();

        Assert.Equal(1, code);
        Assert.Contains("is too short", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
