namespace Servers;

/// <summary>Specifies the TLS that a mail server of a test offers.</summary>
public enum SmtpTls
{
    /// <summary>No TLS.</summary>
    None,

    /// <summary>STARTTLS, without which no mail is accepted.</summary>
    StartTls,

    /// <summary>TLS from the start.</summary>
    Implicit,
}

/// <summary>The rules of a mail server of a test, as a handler of aiosmtpd.</summary>
public static class SmtpRules
{
    /// <summary>The name of the only user.</summary>
    public const string User = "shop";

    /// <summary>The password of <see cref="User"/>.</summary>
    public const string Password = "mill-4711";

    internal const string Module = "millrace_rules";

    internal const string Source = $$"""
        import asyncio, base64, pathlib
        from aiosmtpd.handlers import Mailbox
        from aiosmtpd.smtp import AuthResult

        class Rules(Mailbox):
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith('refused@') or address.startswith('signed-in@') and not session.authenticated:
                    return '550 5.1.1 No mailbox ' + address
                envelope.rcpt_tos.append(address)
                return '250 2.1.5 OK'

            async def handle_DATA(self, server, session, envelope):
                if envelope.rcpt_tos[0].startswith('full@'):
                    return '552 5.2.2 The mailbox is full'
                if envelope.rcpt_tos[0].startswith('hangs@'):
                    pathlib.Path(__file__).with_name('hanging').touch()
                    await asyncio.sleep(3600)
                return await super().handle_DATA(server, session, envelope)

            async def auth_PLAIN(self, server, args):
                known = '\0{{User}}\0{{Password}}'.encode()
                return AuthResult(success=len(args) > 1 and base64.b64decode(args[1]) == known, handled=False)
        """;
}
