using Millrace.Hosting.Configuration;

namespace Millrace.Model.Tests.Hosting;

public sealed class SecretSettingsTests
{
    [Theory]
    [InlineData("Notifications:slack:Url", "https://hooks.slack.com/services/T0/B0/XYZ", "https://hooks.slack.com/***")]
    [InlineData("NOTIFICATIONS:HOOK:URL", "https://shop:hunter2@host:8443?token=x", "https://host:8443/***")]
    [InlineData("Notifications:slack:Url", "hooks.slack.com/services/T0/B0/XYZ", "***")]
    [InlineData("Notifications:mail:Password", "hunter2", "***")]
    public void Addresses_of_webhooks_show_only_the_host(string key, string value, string shown) =>
        Assert.Equal(shown, SecretSettings.Masked($"Millrace:{key}", value));

    [Theory]
    [InlineData(":hunter2@cache:6379", "***@cache:6379")]
    [InlineData("shop:hunt@er2@one:7000,two/1", "***@one:7000,two/1")]
    [InlineData("redis://shop:a,b@host", "redis://***@host")]
    [InlineData("redis://shop:hunt/er2@cache:6379/0", "redis://***@cache:6379/0")]
    [InlineData("amqp://shop:a@one,amqp://shop:b@two", "amqp://***@one,amqp://***@two")]
    [InlineData("https://docs.example/a@b", "https://docs.example/a@b")]
    [InlineData("http://[::1]:8080/a@b", "http://[::1]:8080/a@b")]
    [InlineData("cache:6379", "cache:6379")]
    public void User_information_of_addresses_is_masked(string value, string shown)
    {
        Assert.Equal(shown, SecretSettings.Masked("Millrace:Redis:Address", value));
        Assert.Equal(shown, SecretSettings.Masked("Millrace:QueryCache:Redis", value));
    }

    [Theory]
    [InlineData("Host=db;Password=Tr0ub,4dor&3;Timeout=5", "Host=db;Password=***;Timeout=5")]
    [InlineData("Host=db;Password=hunter 2@db;Timeout=5", "Host=db;Password=***;Timeout=5")]
    [InlineData("Host=db;Password='a;b';Timeout=5", "Host=db;Password=***;Timeout=5")]
    [InlineData("Host=db;Password=\"a;\"\"b\";Timeout=5", "Host=db;Password=***;Timeout=5")]
    [InlineData("Host=db;Password=\"a;b", "Host=db;Password=***")]
    [InlineData("cache:6379,password=hunter2,ssl=true", "cache:6379,password=***")]
    [InlineData("Blob=https://blob/?v=1;AccountKey=a&b==;X=1", "Blob=https://blob/?v=1;AccountKey=***;X=1")]
    [InlineData("https://api/x?token=a,b&page=2", "https://api/x?token=***&page=2")]
    [InlineData("https://api/x?token=ab;cd&page=2", "https://api/x?token=***&page=2")]
    [InlineData("Host=db;Username=me@corp;Timeout=5", "Host=db;Username=me@corp;Timeout=5")]
    public void Secrets_of_connection_strings_and_queries_are_masked(string value, string shown) =>
        Assert.Equal(shown, SecretSettings.Masked("Millrace:ConnectionString", value));

    [Theory]
    [InlineData("From", "Shop <alerts@shop.example>")]
    [InlineData("To:0", "ada@shop.example")]
    public void Mail_addresses_are_shown(string name, string value) =>
        Assert.Equal(value, SecretSettings.Masked($"Millrace:Notifications:mail:{name}", value));

    [Theory]
    [InlineData("Redis:Address", ":hunter2@cache", "is ':hunter2@cache'.", "is '***@cache'.")]
    [InlineData("Seals:AnchorUrl", "ftp://U:hunter2@Host", "is 'ftp://U:hunter2@host/'.", "is 'ftp://***@Host'.")]
    [InlineData("Own:Secret", "a", "'a' must have at least 12 characters.", "'***' must have at least 12 characters.")]
    [InlineData("PageEvents", "many", "must be a number, but is 'many'.", "must be a number, but is 'many'.")]
    public void Messages_about_settings_contain_no_secrets(string key, string value, string message, string shown) =>
        Assert.Equal(shown, SecretSettings.MaskedMessage($"Millrace:{key}", value, message));
}
