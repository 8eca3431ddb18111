namespace Millrace.ObjectStorage.Tests;

/// <summary>Tests that invalid options are refused.</summary>
public sealed class OptionsTests
{
    private const string Secret = "c2VjcmV0LXNlY3JldA";

    public static TheoryData<string, Action<S3ObjectStorageOptions>> S3Problems => new()
    {
        { "Prefix: ", options => options.Prefix = "/shop/" },
        { "Endpoint: ", options => options.Endpoint = "minio.example:9000" },
        { "Endpoint: ", options => options.Endpoint = "https://user:password@minio.example" },
        { "AccessKeyId and SecretAccessKey: ", options => options.AccessKeyId = "key" },
        { "SessionToken: ", options => options.SessionToken = "token" },
        { "AttemptTimeout: ", options => options.AttemptTimeout = TimeSpan.Zero },
        { "Timeout: ", options => options.Timeout = TimeSpan.FromSeconds(1) },
        { "MaxRetries: ", options => options.MaxRetries = -1 },
    };

    public static TheoryData<string, Action<AzureBlobObjectStorageOptions>> AzureProblems => new()
    {
        { "Endpoint and ConnectionString: ", options => options.Endpoint = null },
        { "Endpoint: ", options => options.Endpoint = "https://shop.blob.core.windows.net/?sig=" + Secret },
        { "AccountName and AccountKey: ", options => options.AccountKey = Secret },
        { "AccountKey and SasToken: ", options => (options.AccountName, options.AccountKey, options.SasToken) =
            ("shop", Secret, "sig") },
        { "ConnectionString: ", options => (options.Endpoint, options.ConnectionString, options.SasToken) =
            (null, "AccountName=shop", Secret) },
        { "malformed", options => (options.Endpoint, options.ConnectionString) = (null, "AccountKey=" + Secret) },
        { "Prefix: ", options => options.Prefix = "Shop" },
        { "MaxRetries: ", options => options.MaxRetries = 21 },
    };

    [Theory]
    [MemberData(nameof(S3Problems))]
    public void Invalid_options_of_S3_are_refused(string problem, Action<S3ObjectStorageOptions> configure)
    {
        var refused = Assert.Throws<ArgumentException>(() => new S3ObjectStorage("backups", options =>
        {
            options.Region = "eu-central-1";
            configure(options);
        }));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AzureProblems))]
    public void Invalid_options_of_Azure_are_refused_without_secrets(
        string problem, Action<AzureBlobObjectStorageOptions> configure)
    {
        var refused = Assert.Throws<ArgumentException>(() => new AzureBlobObjectStorage("backups", options =>
        {
            options.Endpoint = "https://shop.blob.core.windows.net";
            configure(options);
        }));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    public void An_invalid_bucket_or_container_is_refused(string name)
    {
        Assert.Contains(
            "not the name of a bucket",
            Assert.Throws<ArgumentException>(() => new S3ObjectStorage(name)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "not the name of a container",
            Assert.Throws<ArgumentException>(() => new AzureBlobObjectStorage(name, _ => { })).Message,
            StringComparison.Ordinal);
    }
}
