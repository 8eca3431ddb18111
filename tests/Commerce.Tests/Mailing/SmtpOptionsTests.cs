using Commerce.Mailing;
using Commerce.Nodes;

namespace Commerce.Tests.Mailing;

public sealed class SmtpOptionsTests
{
    [Fact]
    public void A_server_without_further_options_uses_the_defaults() =>
        Assert.Equal(
            new SmtpOptions
            {
                Host = "localhost",
                Port = 25,
                Security = SmtpSecurity.None,
                Timeout = TimeSpan.FromSeconds(20),
            },
            ShopOptions.Parse(["--smtp", "localhost:25"]).Smtp);

    [Fact]
    public void Options_may_have_any_order_and_additional_nodes_get_all_options()
    {
        // The shop reads the file only when it starts, so any file is sufficient.
        var file = typeof(SmtpOptionsTests).Assembly.Location;
        var smtp = ShopOptions.Parse(
            ["--smtp-tls", "required", "--smtp-timeout", "7", "--smtp-ca", file, "--smtp", "mail.example:587"]).Smtp;

        Assert.Equal(
            new SmtpOptions
            {
                Host = "mail.example",
                Port = 587,
                Security = SmtpSecurity.Required,
                TrustedCertificates = file,
                Timeout = TimeSpan.FromSeconds(7),
            },
            smtp);
        Assert.Equal(smtp, ShopOptions.Parse(AdditionalNodes.MailArguments(smtp)).Smtp);
        Assert.Contains("shop", AdditionalNodes.MailArguments(smtp with { User = "shop", Password = "secret" }));
        Assert.DoesNotContain(
            "secret", AdditionalNodes.MailArguments(smtp with { User = "shop", Password = "secret" }));
    }

    [Theory]
    [InlineData("--smtp-tls required", "need --smtp HOST:PORT")]
    [InlineData("--smtp a:25 --smtp-tls strong", "none, available, required, implicit")]
    [InlineData("--smtp a:25 --smtp-user shop", "required or implicit")]
    [InlineData("--smtp a:25 --smtp-tls available --smtp-user shop", "required or implicit")]
    [InlineData("--smtp a:25 --smtp-tls required --smtp-user shop", "MILLRACE_SHOP_SMTP_PASSWORD")]
    [InlineData("--smtp a:25 --smtp-ca no-such-file.pem", "does not exist")]
    [InlineData("--smtp a:25 --smtp-timeout 0", "at least 1")]
    [InlineData("--smtp a:25 --smtp-timeout 3601", "from 0 to 3600")]
    public void Invalid_combinations_of_options_are_refused(string arguments, string problem) =>
        Assert.Contains(
            problem,
            Assert.Throws<ArgumentException>(() => ShopOptions.Parse(arguments.Split(' '))).Message,
            StringComparison.Ordinal);
}
