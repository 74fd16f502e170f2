namespace Breakwater.Core.Behaviour.Names;

/// <summary>Registered domains under which ordinary software asks for names that a machine made, many of them and seldom twice.</summary>
/// <remarks>
/// Either the question itself is data by design (reputation of files, addresses and senders), or the domain is so large and its owner so jealous that no
/// attacker has a zone below it (content delivery, clouds, blogs). A tunnel needs a zone of its own, so it is not hidden by this list.
/// </remarks>
internal static class BusyDomains
{
    private static readonly NameSet Names = new(
        // Reputation of files and addresses asked by DNS: McAfee, Sophos, ESET, Trend Micro, Symantec, F-Secure, Bitdefender, Kaspersky, Webroot, Cisco.
        "mcafee.com", "trellix.com", "sophosxl.net", "sophos.com", "e5.sk", "eset.com", "trendmicro.com", "symantec.com", "norton.com", "broadcom.com", "fsapi.com", "f-secure.com", "bitdefender.com", "bitdefender.net", "kaspersky.com", "kaspersky-labs.com",
        "webroot.com", "brightcloud.com", "webcfs00.com", "webcfs03.com", "senderbase.org", "opendns.com", "umbrella.com", "avast.com", "avg.com", "avira.com", "clamav.net", "cymru.com", "team-cymru.com", "crowdstrike.com", "paloaltonetworks.com",
        // Lists of senders and addresses, asked by mail servers.
        "abuse.ch", "abuseat.org", "abusix.zone", "ahbl.org", "barracudacentral.org", "dnswl.org", "dronebl.org", "efnetrbl.org", "habeas.com", "isipp.com", "mailspike.net", "manitu.net", "mxrate.net", "njabl.org", "nixspam.net", "ordb.org", "psbl.org", "rfc-ignorant.org",
        "s5h.net", "senderscore.com", "sorbs.net", "spamcop.net", "spameatingmonkey.net", "spamhaus.net", "spamhaus.org", "spamrats.com", "support-intelligence.net", "surbl.org", "surriel.com", "uceprotect.net", "uribl.com", "wpbl.info", "invaluement.com",
        // Content delivery and clouds: a label is a customer, a file or a server.
        "akadns.net", "akahost.net", "akam.net", "akamai.net", "akamaiedge.net", "akamaihd.net", "akamaized.net", "akstat.io", "amazonaws.com", "amazonvideo.com", "aliyuncs.com", "apple-dns.net", "apple.com", "aaplimg.com", "atlassian.net", "awsdns.com", "awsglobalaccelerator.com",
        "azure-dns.com", "azure.com", "azure.net", "azureedge.net", "azurefd.net", "azurewebsites.net", "b-cdn.net", "bing.com", "cdn77.net", "cdn77.org", "cdninstagram.com", "cedexis.net", "chinacache.net", "chinanetcenter.com", "cloudapp.net", "cloudflare.com", "cloudflare.net",
        "cloudfront.net", "digitaloceanspaces.com", "doubleclick.net", "edgecastcdn.net", "edgekey.net", "edgesuite.net", "facebook.com", "fastly.net", "fastlylb.net", "fbcdn.net", "footprint.net", "ggpht.com", "google.com", "googleapis.com", "googleusercontent.com",
        "googlevideo.com", "gstatic.com", "gvt1.com", "gvt2.com", "herokuapp.com", "herokudns.com", "hwcdn.net", "icloud-content.com", "icloud.com", "impervadns.net", "incapdns.net", "kxcdn.com", "level3.net", "licdn.com", "linkedin.com", "live.com", "llnwd.net", "lldns.net",
        "microsoft.com", "msedge.net", "msftncsi.com", "netflix.com", "netflix.net", "nflxso.net", "nflxvideo.net", "office.com", "office.net", "office365.com", "oraclecloud.com", "outlook.com", "pphosted.com", "qcloudcdn.com", "qq.com", "sharepoint.com", "skype.com", "spotify.com",
        "stackpathdns.com", "steamcontent.com", "trafficmanager.net", "ttvnw.net", "twimg.com", "verizondigitalmedia.com", "whatsapp.net", "wikimedia.org", "windows.com", "windows.net", "windowsupdate.com", "wsdvs.com", "wscdns.com", "yahoodns.net", "yimg.com", "youtube.com", "ytimg.com", "zscaler.net", "zscalertwo.net",
        // Hosts of other people's pages.
        "blogspot.com", "deviantart.com", "github.io", "gitlab.io", "livejournal.com", "medium.com", "myshopify.com", "netlify.app", "pages.dev", "shopify.com", "squarespace.com", "substack.com", "tumblr.com", "vercel.app", "web.app", "weebly.com", "wikipedia.org", "wix.com", "wixsite.com", "wordpress.com", "workers.dev", "zendesk.com",
        // Measurements of advertising and of networks, which put identifiers into names so that no cache answers.
        "adnxs.com", "amplitude.com", "appsflyersdk.com", "branch.io", "demdex.net", "app-measurement.com", "imrworldwide.com", "omtrdc.net", "2o7.net", "newrelic.com", "nr-data.net", "dynatrace.com", "cedexis-radar.net", "crittercism.com", "ntp.org", "dns-oarc.net", "apnic.net", "potaroo.net", "ripe.net", "rspamd.com", "opendnstest.com");

    public static bool Contains(ReadOnlySpan<byte> domain) => Names.Contains(domain);
}
