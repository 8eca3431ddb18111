using Amazon.S3;
using Azure.Storage.Blobs;
using Servers;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool backs up to object storage and restores from it.</summary>
public sealed class ObjectStorageTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [ObjectServersFact]
    public async Task A_bucket_of_S3_is_a_place_of_backups()
    {
        await using var server = await SwiftServer.Start();
        using var client = new AmazonS3Client(
            SwiftServer.AccessKeyId,
            SwiftServer.SecretAccessKey,
            new AmazonS3Config
            {
                ServiceURL = server.Address,
                AuthenticationRegion = "us-east-1",
                ForcePathStyle = true,
            });
        await client.PutBucketAsync("backups");
        _tool.FurtherVariables["AWS_ENDPOINT_URL"] = server.Address;
        _tool.FurtherVariables["AWS_ACCESS_KEY_ID"] = SwiftServer.AccessKeyId;
        _tool.FurtherVariables["AWS_SECRET_ACCESS_KEY"] = SwiftServer.SecretAccessKey;

        await RestoresFrom("s3://backups/shop");
    }

    [ObjectServersFact]
    [Trait(TestRun.Kind, TestRun.Long)] // A minute and a half. The next test uses S3.
    public async Task A_container_of_Azure_is_a_place_of_backups()
    {
        await using var server = await AzuriteServer.Start();
        await new BlobContainerClient(server.ConnectionString, "backups").CreateAsync();
        _tool.FurtherVariables["AZURE_STORAGE_CONNECTION_STRING"] = server.ConnectionString;

        await RestoresFrom("azblob://backups/shop/daily");
    }

    [Theory]
    [InlineData("azblob://backups/shop", "AZURE_STORAGE_CONNECTION_STRING")]
    [InlineData("azblob://x/", "is not the name of a container")]
    [InlineData("ftp://backups", "s3://bucket/prefix")]
    public async Task An_address_without_its_settings_is_refused(string place, string expected)
    {
        var refused = await _tool.Run("backups", place);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
    }

    private async Task RestoresFrom(string place)
    {
        await _tool.Append("order-1", "order.noted", "1");
        await _tool.RunOk("backup", place);
        await _tool.Append("order-1", "order.noted", "2");
        var backup = await _tool.RunOk("backup", place, "--json");

        var sets = await _tool.RunOk("backups", place, "--json");
        await _tool.RunOk("backups", "check", place);
        var restored = await _tool.RunOk("restore", place, "restored.db", "--yes", "--json");

        Assert.Equal(1, backup.Json.GetProperty("fromPosition").GetInt64());
        Assert.Equal(2, sets.Json[0].GetProperty("lastPosition").GetInt64());
        Assert.Equal(2, restored.Json.GetProperty("events").GetInt64());
    }
}
