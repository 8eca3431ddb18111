using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage.Tests;

/// <summary>Tests prefixes, pages and credentials.</summary>
[Collection(ObjectServersCollection.Name)]
public sealed class PlaceTests(ObjectServers servers)
{
    private static CancellationToken Cancel => CancellationToken.None;

    public static TheoryData<ObjectServer> Servers => ObjectServers.All;

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task Prefixes_separate_the_objects_of_applications(ObjectServer server)
    {
        var shop = servers.Open(server, new StorageSettings { Prefix = "prefixes/shop" });
        var other = servers.Open(server, new StorageSettings { Prefix = "prefixes/shop-2" });
        await shop.Put("manifest", new byte[1], Cancel);
        await other.Put("manifest", new byte[2], Cancel);

        await other.Delete("manifest", Cancel);

        Assert.Equal([new StoredObject("manifest", 1)], await List(shop, ""));
        Assert.Empty(await List(other, ""));
        Assert.Equal(1, (await servers.Open(server).Get("prefixes/shop/manifest", Cancel))!.Value.Length);
    }

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_list_consists_of_all_pages_in_order(ObjectServer server)
    {
        var storage = servers.Open(server, new StorageSettings { Prefix = "pages", PageSize = 3 });
        string[] names = ["a-1", "a.1", "a/1", "a/10", "a/2", "a/b-1", "a/b/1", "a0", "a_1", "aa", "b"];
        foreach (var name in names.Reverse())
            await storage.Put(name, new byte[1], Cancel);

        Assert.Equal(names, (await List(storage, "")).Select(found => found.Name));
        Assert.Equal(
            names.Where(name => name.StartsWith("a/", StringComparison.Ordinal)),
            (await List(storage, "a/")).Select(found => found.Name));
    }

    [ObjectServersFact]
    public async Task A_connection_string_or_a_signature_gives_access_to_a_container()
    {
        var container = new BlobContainerClient(servers.Azurite.ConnectionString, ObjectServers.Place);
        var signature = container.GenerateSasUri(
            BlobContainerSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1)).Query;
        var byString = new AzureBlobObjectStorage(
            ObjectServers.Place, options => options.ConnectionString = servers.Azurite.ConnectionString);
        var bySignature = new AzureBlobObjectStorage(ObjectServers.Place, options =>
            (options.Endpoint, options.SasToken) = (servers.Azurite.Address, signature));

        await byString.Put("access", new byte[5], Cancel);

        Assert.Equal(5, (await bySignature.Get("access", Cancel))!.Value.Length);
        Assert.DoesNotContain("sig=", bySignature.Description, StringComparison.Ordinal);
    }

    private static async Task<List<StoredObject>> List(IObjectStorage storage, string prefix)
    {
        var found = new List<StoredObject>();
        await foreach (var stored in storage.List(prefix, Cancel))
            found.Add(stored);
        return found;
    }
}
